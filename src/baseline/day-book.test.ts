import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { freeze, thaw } from '../kit/snapshot.ts'
import { DayBook } from './day-book.ts'
import type { Observation } from './observation.ts'

const start = Date.parse('2026-03-02T00:00:00Z')
const hour = 3_600_000
const call = (at: number, endpoint = 'GET a/x', bytes = 100, principal = 'user:alice'): Observation =>
  ({
    call: { time: start + at, response: { bodySize: bytes } },
    identity: { principal },
    match: { endpoint },
    outcome: 'success',
  }) as unknown as Observation

const alice = 'user:alice' as never

describe('a day book', () => {
  it('tells a day from the usual ones', () => {
    let book = new DayBook()
    expect(book.of(alice)).toBeUndefined()
    for (let day = 0; day < 4; day += 1)
      for (let n = 0; n < 10; n += 1) book.observe(call(day * 24 * hour + (9 + (n % 2)) * hour), `order:${n}`)
    expect(book.of(alice)).toMatchObject({
      normal: { callsPerDay: 10, endpoints: 1, hours: [9, 10], bytes: 1_000, days: 3 },
      today: { calls: 10, date: '2026-03-05', hours: [9, 10] },
      deviations: [],
    })
    for (let n = 0; n < 50; n += 1)
      book.observe(call(4 * 24 * hour + 3 * hour, `GET a/${n % 6}`, 4_000), undefined)
    book = thaw(freeze(book)) as DayBook
    const { deviations, today, objects } = book.of(alice)!
    expect(today).toEqual({ calls: 50, endpoints: 6, hours: [3], bytes: 200_000, date: '2026-03-06' })
    expect(deviations.map(({ what }) => what)).toEqual(['calls', 'endpoints', 'bytes', 'hours'])
    expect(deviations[0]?.text).toBe('50 calls today, 5 times the usual 10.')
    expect(objects.map(({ object }) => object).slice(0, 2)).toEqual(['order:9', 'order:8'])
  })

  it('says nothing of the usual before three days, and of today where nothing came', () => {
    const book = new DayBook()
    book.observe(call(0), undefined)
    book.observe(call(26 * hour, 'GET a/x', 1, 'user:bob'), undefined)
    expect(book.of(alice)).toEqual({
      today: { calls: 0, endpoints: 0, hours: [], bytes: 0, date: '2026-03-03' },
      deviations: [],
      objects: [],
    })
  })

  it('is bounded', () => {
    const book = new DayBook({ principals: 10 })
    for (let n = 0; n < 100; n += 1) book.observe(call(n, 'GET a/x', 1, `user:${n}`), `o:${n}`)
    for (let n = 0; n < 100; n += 1) book.observe(call(n, 'GET a/x', 1), `o:${n}`)
    expect(book.size).toBe(10)
    expect(book.of(alice)?.objects).toHaveLength(20)
  })

  it('has the objects touched last first, each once', () => {
    const touches = fc.array(fc.tuple(fc.nat(30), fc.nat(1)), { maxLength: 80 })
    fc.assert(
      fc.property(touches, fc.integer({ min: 1, max: 20 }), (list, touched) => {
        const book = new DayBook({ touched })
        let model: string[] = []
        for (const [object, place] of list) {
          book.observe(call(0, `GET a/${place}`), `order:${object}`)
          const name = `GET a/${place} order:${object}`
          model = [name, ...model.filter(one => one !== name)].slice(0, touched)
        }
        const objects = book.of(alice)?.objects ?? []
        expect(objects.map(({ endpoint, object }) => `${endpoint} ${object}`)).toEqual(model)
      }),
    )
  })
})
