import { describe, expect, it } from 'vitest'
import { leavesOf, memoPlace, type Place } from './fields.ts'

const placesIn = (body: Parameters<typeof leavesOf>[0]): readonly Place[] =>
  leavesOf(body).map(({ place }) => place)

describe('memoPlace', () => {
  it('is answered once for each place, whatever the answer is, and each question for itself', () => {
    const asked: string[] = []
    const question = memoPlace(({ path }) => {
      asked.push(path)
      return path === 'memo.a' ? undefined : path.length
    })
    const other = memoPlace(({ key }) => key)
    const first = placesIn({ memo: { a: 1, bc: 'x' } })
    const again = placesIn({ memo: { bc: 'y', a: 2 } })
    expect(first.map(question)).toEqual([undefined, 7])
    expect(again.map(other)).toEqual(['bc', 'a'])
    expect(again.map(question)).toEqual([7, undefined])
    expect(asked).toEqual(['memo.a', 'memo.bc'])
  })
})
