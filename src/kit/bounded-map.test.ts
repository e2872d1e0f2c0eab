import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BoundedMap } from './bounded-map.ts'

describe('BoundedMap', () => {
  it('never holds more than its capacity, keeps the most recently used and counts the rest', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.integer({ min: 0, max: 20 })),
        (capacity, keys) => {
          const lost: number[] = []
          const map = new BoundedMap<number, number>(capacity, key => lost.push(key))
          const recent: number[] = []
          for (const key of keys) {
            map.set(key, key)
            const at = recent.indexOf(key)
            if (at >= 0) recent.splice(at, 1)
            recent.push(key)
            if (recent.length > capacity) recent.shift()
          }
          expect([...map.keys()]).toEqual(recent)
          expect(map.evicted).toBe(lost.length)
        },
      ),
    )
  })

  it('treats a read as use, but not a peek', () => {
    const map = new BoundedMap<string, number>(2)
    map.set('a', 1)
    map.set('b', 2)
    map.get('a')
    map.peek('b')
    map.set('c', 3)
    expect([...map.keys()]).toEqual(['a', 'c'])
  })

  it('refuses a capacity that is none', () => {
    for (const capacity of [0, -1, 1.5, Number.NaN])
      expect(() => new BoundedMap(capacity)).toThrow(RangeError)
  })
})
