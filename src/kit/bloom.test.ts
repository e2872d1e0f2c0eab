import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inBloom, intoBloom } from './bloom.ts'

const size = 256

describe('a Bloom filter', () => {
  it('denies no member, and writes into its own stretch only', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 400 }), members => {
        const words = new Uint32Array(3 * size)
        for (const member of members) intoBloom(words, size, size, member)
        for (const member of members) expect(inBloom(words, size, size, member)).toBe(true)
        expect([...words.subarray(0, size), ...words.subarray(2 * size)].every(word => word === 0)).toBe(true)
      }),
    )
  })

  it('takes about one stranger in a hundred for a member with ten bits for each', () => {
    const words = new Uint32Array(size)
    for (let member = 0; member < 800; member += 1) intoBloom(words, 0, size, member)
    let wrong = 0
    for (let member = 10_000; member < 20_000; member += 1) if (inBloom(words, 0, size, member)) wrong += 1
    expect(wrong / 10_000).toBeLessThan(0.03)
  })
})
