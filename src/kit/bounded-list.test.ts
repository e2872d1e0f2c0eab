import fc from 'fast-check'
import { expect, it } from 'vitest'
import { BoundedList } from './bounded-list.ts'

it('keeps the first half and the latest half, in order, and counts the rest', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 40 }), fc.integer({ min: 0, max: 300 }), (bound, count) => {
      const list = new BoundedList<number>(bound)
      for (let item = 0; item < count; item += 1) list.add(item)
      const half = Math.floor(bound / 2)
      const kept = list.toArray()
      const all = Array.from({ length: count }, (_, index) => index)
      expect(kept).toEqual(count <= 2 * half ? all : [...all.slice(0, half), ...all.slice(-half)])
      expect(kept.length + list.dropped).toBe(count)
    }),
  )
})
