import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { portIn, withoutPort } from './port.ts'
import type { UseKey } from './use.ts'
import { UseTable, usedDays } from './use-table.ts'

const dayMs = 86_400_000
const key = (to: string): UseKey => ({ kind: 'connects', from: 'workload:shop/orders', to: `host:${to}` })

describe('uses', () => {
  it('are counted by the day, for the last 32 days before each was seen last', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ day: fc.nat(90), refused: fc.boolean() }), { minLength: 1, maxLength: 120 }),
        sightings => {
          const table = new UseTable(10)
          for (const { day, refused } of sightings) table.add(key('a'), day * dayMs + 7, { refused })
          const newest = Math.max(...sightings.map(({ day }) => day))
          const [use] = table.all()
          // What came too late for its day when it came is not counted; what fell out later is not told.
          let horizon = Number.NEGATIVE_INFINITY
          const counted = sightings.filter(({ day }) => {
            horizon = Math.max(horizon, day)
            return day > horizon - usedDays && day > newest - usedDays
          })
          const expected = [...new Set(counted.map(({ day }) => day))]
            .sort((a, b) => a - b)
            .map(day => ({
              day,
              count: counted.filter(one => one.day === day).length,
              refused: counted.filter(one => one.day === day && one.refused).length,
            }))
          expect(use?.days).toEqual(expected)
          expect(table.lastSeen).toBe(newest * dayMs + 7)
        },
      ),
    )
  })

  it('of things that are the same by now are one', () => {
    const table = new UseTable(10)
    table.add({ kind: 'asks', to: 'endpoint:GET a/1' }, 5)
    table.add({ kind: 'asks', to: 'endpoint:GET a/{id}' }, 9)
    table.add(key('b'), 3)
    table.rename('endpoint:GET a/1', 'endpoint:GET a/{id}')
    expect(
      table
        .all(id => (id === 'host:b' ? 'host:c' : id))
        .map(({ to, firstSeen, lastSeen, days }) => ({
          to,
          firstSeen,
          lastSeen,
          days,
        })),
    ).toEqual([
      { to: 'endpoint:GET a/{id}', firstSeen: 5, lastSeen: 9, days: [{ day: 0, count: 2, refused: 0 }] },
      { to: 'host:c', firstSeen: 3, lastSeen: 3, days: [{ day: 0, count: 1, refused: 0 }] },
    ])
  })

  it('are bounded, and paths of a workload too', () => {
    const table = new UseTable(5_000)
    for (let file = 0; file < 2_500; file += 1)
      table.add({ kind: 'opens', from: 'workload:a', to: `/data/${file}` }, file)
    expect([table.size, table.untoldPaths, table.evicted]).toEqual([2_000, 500, 0])
    for (let host = 0; host < 3_500; host += 1) table.add(key(`h${host}`), host)
    expect([table.size, table.evicted]).toEqual([5_000, 500])
    // The 500 that went were paths: there is room for as many again.
    for (let file = 0; file < 500; file += 1)
      table.add({ kind: 'opens', from: 'workload:a', to: `/more/${file}` }, file)
    expect(table.untoldPaths).toBe(500)
  })

  it('know ports from hosts', () => {
    const rows = [
      ['orders:8080', 8080, 'orders'],
      ['orders', undefined, 'orders'],
      ['[::1]:443', 443, '::1'],
      ['::1', undefined, '::1'],
      ['10.0.0.1:99999', undefined, '10.0.0.1:99999'],
    ] as const
    for (const [host, port, bare] of rows) expect([portIn(host), withoutPort(host)]).toEqual([port, bare])
    expect(rows.length).toBe(5)
  })
})
