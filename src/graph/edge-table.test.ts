import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type EdgeKind, edgeKinds } from './edge.ts'
import { EdgeTable } from './edge-table.ts'

const dayMs = 86_400_000
const someKinds: readonly EdgeKind[] = edgeKinds.slice(0, 3)
const sightings = fc.array(
  fc.record({
    from: fc.nat(12),
    to: fc.nat(12),
    kind: fc.constantFrom(...someKinds),
    day: fc.nat(80),
    declared: fc.boolean(),
  }),
  { maxLength: 200 },
)

interface Plain {
  count: number
  days: Set<number>
  did: boolean
  could: boolean
}

/** The same told with a plain map. */
function plainly(
  given: readonly { from: number; to: number; kind: EdgeKind; day: number; declared: boolean }[],
) {
  const edges = new Map<string, Plain>()
  for (const { from, to, kind, day, declared } of given) {
    const key = `${from} ${to} ${kind}`
    const edge = edges.get(key) ?? { count: 0, days: new Set(), did: false, could: false }
    edges.set(key, edge)
    if (declared) edge.could = true
    else {
      edge.did = true
      edge.count += 1
      edge.days.add(day)
    }
  }
  return edges
}

function filled(given: Parameters<typeof plainly>[0]): EdgeTable {
  const table = new EdgeTable()
  for (const { from, to, kind, day, declared } of given)
    table.add(from, to, kind, { time: day * dayMs + 5, source: 'file', count: 1, declared })
  return table
}

const keyed = (table: EdgeTable): readonly string[] =>
  Array.from(
    { length: table.length },
    (_, edge) => `${table.from[edge]} ${table.to[edge]} ${table.kindOf(edge)}`,
  )

describe('edges', () => {
  it('are those that were seen, with their counts and flags', () => {
    fc.assert(
      fc.property(sightings, given => {
        const table = filled(given)
        const plain = plainly(given)
        expect([...keyed(table)].sort()).toEqual([...plain.keys()].sort())
        for (let edge = 0; edge < table.length; edge += 1) {
          const told = plain.get(`${table.from[edge]} ${table.to[edge]} ${table.kindOf(edge)}`)!
          expect([table.count[edge], (table.flags[edge]! & 1) !== 0, (table.flags[edge]! & 2) !== 0]).toEqual(
            [told.count, told.did, told.could],
          )
        }
      }),
    )
  })

  it('are walked from both ends', () => {
    fc.assert(
      fc.property(sightings, given => {
        const table = filled(given)
        const out: number[] = []
        const back: number[] = []
        for (let node = 0; node <= 12; node += 1) {
          for (let edge = table.firstOut(node); edge >= 0; edge = table.nextOut[edge]!) {
            expect(table.from[edge]).toBe(node)
            out.push(edge)
          }
          for (let edge = table.firstIn(node); edge >= 0; edge = table.nextIn[edge]!) {
            expect(table.to[edge]).toBe(node)
            back.push(edge)
          }
        }
        const all = Array.from({ length: table.length }, (_, edge) => edge)
        expect(out.sort((a, b) => a - b)).toEqual(all)
        expect(back.sort((a, b) => a - b)).toEqual(all)
      }),
    )
  })

  it('know the days on which they were seen, of the last 64', () => {
    fc.assert(
      fc.property(sightings, fc.nat(80), fc.integer({ min: 1, max: 64 }), (given, moment, days) => {
        const acts = given.filter(({ declared }) => !declared)
        const table = filled(acts)
        const plain = plainly(acts)
        for (let edge = 0; edge < table.length; edge += 1) {
          const told = plain.get(`${table.from[edge]} ${table.to[edge]} ${table.kindOf(edge)}`)!
          const newest = Math.max(...told.days)
          const expected = [...told.days].some(
            day => day <= moment && day > moment - days && day > newest - 64,
          )
          expect(table.activeAt(edge, moment * dayMs + 6, days)).toBe(expected)
        }
      }),
    )
  })

  it('begin when they first happen, not when they were granted', () => {
    const table = new EdgeTable()
    expect(table.add(1, 2, 'calls', { time: 0, source: 'kubernetes', count: 0, declared: true })).toBe(~0)
    expect(table.add(1, 2, 'calls', { time: 9 * dayMs, source: 'otlp', count: 1 })).toBe(~0)
    expect(table.add(1, 2, 'calls', { time: 9 * dayMs, source: 'otlp', count: 1 })).toBe(0)
    expect([table.first[0], table.count[0], table.sourcesOf(0)]).toEqual([
      9 * dayMs,
      2,
      ['otlp', 'kubernetes'],
    ])
  })

  it('stay what they were when others go and ends are renamed', () => {
    fc.assert(
      fc.property(sightings, fc.nat(12), fc.nat(12), (given, old, into) => {
        const table = filled(given)
        const rename = (node: number): number => (node === old ? into : node)
        table.rebuild(edge => table.kindOf(edge) !== 'serves', rename)
        const expected = plainly(
          given
            .filter(({ kind }) => kind !== 'serves')
            .map(one => ({ ...one, from: rename(one.from), to: rename(one.to) })),
        )
        expect([...keyed(table)].sort()).toEqual([...expected.keys()].sort())
        for (let edge = 0; edge < table.length; edge += 1) {
          const key = `${table.from[edge]} ${table.to[edge]} ${table.kindOf(edge)}`
          expect(table.count[edge]).toBe(expected.get(key)!.count)
          expect(table.find(table.from[edge]!, table.to[edge]!, table.kindOf(edge))).toBe(edge)
        }
      }),
    )
  })
})
