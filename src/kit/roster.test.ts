import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Placed, Roster } from './roster.ts'

class Member implements Placed {
  place = -1
}

test('holds what a set would, whatever comes and goes', () => {
  const step = fc.record({ comes: fc.boolean(), who: fc.nat(11) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), steps => {
      const members = Array.from({ length: 12 }, () => new Member())
      const roster = new Roster<Member>()
      const model = new Set<Member>()
      for (const { comes, who } of steps) {
        const member = members[who]!
        if (comes) {
          roster.add(member)
          model.add(member)
        } else expect(roster.delete(member)).toBe(model.delete(member))
        expect(roster.size).toBe(model.size)
      }
      expect(new Set(roster)).toEqual(model)
      expect([...roster]).toHaveLength(model.size)
      for (const member of members) expect(roster.has(member)).toBe(model.has(member))
    }),
  )
})

test('is gone through as it was at the beginning', () => {
  const roster = new Roster<Member>()
  const members = Array.from({ length: 5 }, () => new Member())
  for (const member of members) roster.add(member)
  const met: Member[] = []
  for (const member of roster) {
    met.push(member)
    roster.delete(member)
  }
  expect(met).toEqual(members)
  expect(roster.size).toBe(0)
})
