import { describe, expect, it } from 'vitest'
import { atOnce, inSlices, type Sliced } from './sliced.ts'

function* counting(to: number, seen: number[]): Sliced<string> {
  for (let step = 1; step <= to; step += 1) {
    seen.push(step)
    yield
  }
  return `counted to ${to}`
}

describe('work in slices', () => {
  it('comes to the same as all at once', async () => {
    expect(atOnce(counting(5, []))).toBe('counted to 5')
    expect(await inSlices(counting(5, []), 1_000)).toBe('counted to 5')
    expect(await inSlices(counting(0, []), 0)).toBe('counted to 0')
  })

  it('leaves the thread to others after each slice', async () => {
    const seen: number[] = []
    const work = inSlices(counting(4, seen), 0)
    const between: number[] = []
    for (let turn = 0; turn < 4; turn += 1) {
      between.push(seen.length)
      await new Promise<void>(resolve => setImmediate(resolve))
    }
    expect(await work).toBe('counted to 4')
    expect(between).toEqual([1, 2, 3, 4])
  })

  it('fails as the work does', async () => {
    function* failing(): Sliced<string> {
      yield
      throw new Error('it broke')
    }
    await expect(inSlices(failing(), 0)).rejects.toThrow('it broke')
  })
})
