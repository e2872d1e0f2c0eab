import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type PrincipalId, principalId } from '../kit/id.ts'
import { freeze, thaw } from '../kit/snapshot.ts'
import { PrincipalTable } from './principal-table.ts'
import { SlotColumn } from './slot-column.ts'
import { SlotSets } from './slot-sets.ts'
import { Stubs } from './stubs.ts'

const hour = 3_600_000
const name = (n: number): PrincipalId => principalId('user', `u${n}`)

describe('PrincipalTable', () => {
  it('gives every principal its own slot, clears what is kept by it when it goes on, and remembers who was here', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(11), { maxLength: 120 }), visitors => {
        const table = new PrincipalTable({ principals: 5 })
        const marks = table.column('u32')
        const sets = table.sets({ exact: 4, bloomWords: 4 })
        const first = new Map<number, number>()
        for (const [index, n] of visitors.entries()) {
          const time = index * hour
          const known = table.slotOf(name(n))
          const slot = table.enter(name(n), time)
          if (known === undefined) {
            expect(marks.get(slot)).toBe(0)
            expect(sets.count(slot)).toBe(0)
            marks.set(slot, n + 1)
            sets.add(slot, n)
          }
          expect(marks.get(slot)).toBe(n + 1)
          expect(sets.has(slot, n)).toBe(true)
          expect(table.nameOf(slot)).toBe(name(n))
          first.set(n, first.get(n) ?? time)
          expect(table.firstSeen(slot)).toBe(first.get(n))
          expect(table.lastSeen(slot)).toBe(time)
        }
        expect(table.size).toBe(Math.min(5, first.size))
        for (const [n, time] of first) {
          if (table.slotOf(name(n)) !== undefined) continue
          expect(table.stub(name(n), visitors.length * hour)?.firstSeen).toBe(time)
        }
        expect(table.size + table.evicted).toBeGreaterThanOrEqual(first.size)
      }),
    )
  })

  it('lets go of the one that was not seen lately', () => {
    const table = new PrincipalTable({ principals: 3 })
    for (const [index, n] of [1, 2, 3].entries()) table.enter(name(n), index)
    // A full turn takes everybody's second chance, the first one goes; then 2 was seen again and 3 was not.
    table.enter(name(4), 10)
    table.enter(name(2), 11)
    table.enter(name(5), 12)
    expect([1, 2, 3, 4, 5].filter(n => table.slotOf(name(n)) !== undefined)).toEqual([2, 4, 5])
    expect(table.evicted).toBe(2)
  })
})

describe('Stubs', () => {
  it('are found for as long as promised, and at the bound the older half goes', () => {
    const stubs = new Stubs(1_000, 90)
    const day = 24 * hour
    for (let n = 0; n < 1_000; n += 1)
      stubs.put(`user:${n}`, { firstSeen: n * hour, lastSeen: 100 * day + n * hour })
    const now = 100 * day + 1_000 * hour
    for (let n = 0; n < 1_000; n += 1)
      expect(stubs.find(`user:${n}`, now)).toEqual({ firstSeen: n * hour, lastSeen: 100 * day + n * hour })
    expect(stubs.find('user:7', 191 * day)).toBeUndefined()
    expect(stubs.find('user:nobody', now)).toBeUndefined()
    stubs.put('user:more', { firstSeen: now, lastSeen: now })
    expect(stubs.find('user:more', now)).toBeDefined()
    expect(stubs.find('user:10', now)).toBeUndefined()
    expect(stubs.find('user:990', now)).toBeDefined()
    expect(stubs.size).toBeLessThanOrEqual(501)
    expect(stubs.dropped).toBeGreaterThan(490)
    expect(stubs.bytes).toBeLessThanOrEqual(16 * 4 * 1_024)
  })
})

describe('SlotSets', () => {
  it('hold every member, tell apart slots, and are exact while small', () => {
    const operation = fc.record({ slot: fc.nat(5), member: fc.nat(60), clear: fc.boolean() })
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 300 }), fc.nat(300), (operations, at) => {
        let sets = new SlotSets({ exact: 16, bloomWords: 16 })
        const model = new Map<number, Set<number>>()
        for (const [index, { slot, member, clear }] of operations.entries()) {
          if (index === at) {
            const again = new SlotSets({ exact: 16, bloomWords: 16 })
            again.load(thaw(freeze(sets.save())))
            sets = again
          }
          if (clear && index % 17 === 0) {
            sets.clear(slot)
            model.delete(slot)
            continue
          }
          sets.add(slot, member)
          model.set(slot, (model.get(slot) ?? new Set()).add(member))
        }
        for (let slot = 0; slot <= 5; slot += 1) {
          const held = model.get(slot) ?? new Set()
          for (const member of held) expect(sets.has(slot, member)).toBe(true)
          expect(sets.isExact(slot)).toBe(held.size <= 16)
          if (held.size <= 16) {
            expect(sets.members(slot)).toEqual([...held])
            expect(sets.count(slot)).toBe(held.size)
          } else expect(sets.members(slot)).toBeUndefined()
        }
      }),
    )
  })

  it('take few strangers for members at three times what they hold exactly', () => {
    const sets = new SlotSets({ exact: 64, bloomWords: 64 })
    for (let member = 0; member < 200; member += 1) sets.add(9, member)
    let wrong = 0
    for (let member = 1_000; member < 11_000; member += 1) if (sets.has(9, member)) wrong += 1
    expect(wrong / 10_000).toBeLessThan(0.025)
  })
})

describe('SlotColumn', () => {
  it('reads what was written and 0 elsewhere, and small integers stay at their largest', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(5_000), fc.nat(2), fc.nat(60_000)), { maxLength: 100 }),
        writes => {
          const column = new SlotColumn('u16', 3)
          const model = new Map<string, number>()
          for (const [slot, at, value] of writes) {
            column.set(slot, value, at)
            model.set(`${slot}.${at}`, value)
          }
          for (const [slot, at] of writes) expect(column.get(slot, at)).toBe(model.get(`${slot}.${at}`))
          const again = new SlotColumn('u16', 3)
          again.load(thaw(freeze(column.save())))
          for (const [slot, at] of writes) expect(again.get(slot, at)).toBe(column.get(slot, at))
          expect(again.get(7_777)).toBe(0)
        },
      ),
    )
    const bytes = new SlotColumn('u8')
    expect(bytes.add(3, 200)).toBe(200)
    expect(bytes.add(3, 200)).toBe(255)
  })
})
