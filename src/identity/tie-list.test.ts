import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { freeze, thaw } from '../kit/snapshot.ts'
import { type TieKind, TieList, tieKinds } from './tie-list.ts'

const whole = (): number => 1

describe('TieList', () => {
  it('counts as a map of each kind does, the longest unused making room', () => {
    const meeting = fc.record({
      kind: fc.constantFrom(...tieKinds),
      name: fc.constantFrom('a', 'b', 'c', 'd'),
    })
    fc.assert(
      fc.property(fc.array(meeting), fc.integer({ min: 1, max: 3 }), (meetings, most) => {
        let list = new TieList(0)
        const model = new Map<TieKind, Map<string, { calls: number; last: number }>>(
          tieKinds.map(kind => [kind, new Map()] as const),
        )
        for (const [time, { kind, name }] of meetings.entries()) {
          list.meet(time)
          list.tie(kind, name, time, most, whole)
          const ties = model.get(kind)!
          const known = ties.get(name)
          ties.delete(name)
          if (known === undefined && ties.size === most) ties.delete([...ties.keys()][0]!)
          ties.set(name, { calls: (known?.calls ?? 0) + 1, last: time })
          list = thaw(freeze(list)) as TieList
        }
        for (const kind of tieKinds) {
          const told = list.of(kind).map(({ name, calls, last, weight }) => ({ name, calls, last, weight }))
          const expected = [...model.get(kind)!].map(([name, one]) => ({ name, ...one, weight: one.calls }))
          const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)
          expect(told.sort(byName)).toEqual(expected.sort(byName))
        }
      }),
    )
  })

  it('goes on with a meeting until another thing comes or the time is over', () => {
    const list = new TieList(0)
    list.meet(0)
    list.tie('device', 'd', 0, 2, whole)
    list.tie('token', 't', 0, 2, whole)
    const rows: [token: string | undefined, device: string, address: string | undefined, time: number][] = [
      ['t', 'd', undefined, 59],
      ['t', 'd', undefined, 60],
      ['u', 'd', undefined, 1],
      [undefined, 'd', undefined, 1],
      ['t', 'e', undefined, 1],
      ['t', 'd', '192.0.2.1', 1],
    ]
    expect(rows.map(row => list.meets(...row, 60))).toEqual([true, false, false, false, false, false])
    list.again(7)
    expect(list.of('token')).toEqual([{ name: 't', calls: 2, first: 0, last: 7, weight: 2 }])
    expect(list.last).toBe(7)
  })

  it('keeps more ties than a byte counts', () => {
    const list = new TieList(0)
    for (let time = 0; time < 300; time += 1) {
      list.meet(time)
      list.tie('address', `a${time}`, time, 1_000, whole)
    }
    expect(list.meets(undefined, 'd', 'a299', 299, 60)).toBe(false)
    expect(list.of('address').length).toBe(300)
    expect(list.has('address', 'a299')).toBe(true)
  })
})
