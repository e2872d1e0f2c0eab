import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RecentSet } from './recent-set.ts'
import { freeze, thaw } from './snapshot.ts'

describe('RecentSet', () => {
  it('holds what was added last, as a set in order of use does', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 0xffffffff }))),
        fc.integer({ min: 1, max: 5 }),
        (members, most) => {
          let set = new RecentSet()
          const model = new Set<number>()
          for (const member of members) {
            set.add(member, most)
            model.delete(member)
            model.add(member)
            for (const oldest of model) {
              if (model.size <= most) break
              model.delete(oldest)
            }
            expect(set.size).toBe(model.size)
            for (const one of members) expect(set.has(one)).toBe(model.has(one))
            set = thaw(freeze(set)) as RecentSet
          }
        },
      ),
    )
  })
})
