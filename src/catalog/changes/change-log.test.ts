import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { endpoints, endpointWith, leaf, start } from '../../../test/support/sample-endpoint.ts'
import { endpointId } from '../../kit/id.ts'
import type { Endpoint } from '../endpoint.ts'
import { ChangeLog, type ChangeLogOptions } from './change-log.ts'

const hour = 3_600_000
const day = 24 * hour

/** A log to which tellings are given one after the other. */
function logOf(options: Partial<ChangeLogOptions> = {}) {
  const log = new ChangeLog(options)
  return {
    log,
    tell: (...told: readonly Endpoint[]) => log.take({ endpoints: told, gone: [], merged: [] }),
    kinds: () => log.changes().map(({ kind, field }) => (field === undefined ? kind : `${kind} ${field}`)),
  }
}

const at = (hours: number, calls: number, names: readonly string[], more: Partial<Endpoint> = {}): Endpoint =>
  endpointWith(Object.fromEntries(names.map(name => [name, leaf('string')])), {
    calls,
    lastSeen: start + hours * hour,
    ...more,
  })

describe('an endpoint that is new', () => {
  it('is one change with all that it turns out to carry while it settles', () => {
    const { log, tell, kinds } = logOf()
    tell(at(0, 5, ['id']))
    tell(at(0.5, 500, ['id', 'name']))
    tell(at(2, 501, ['id', 'name', 'card'], { dataClasses: { request: [], response: ['payment-card'] } }))
    expect(kinds()).toEqual(['endpoint-new'])
    expect(log.changes()[0]).toMatchObject({ time: start, dataClasses: ['payment-card'], sensitive: true })
    tell(at(3, 502, ['id', 'name', 'card', 'late']))
    expect(kinds()).toEqual(['field-new late', 'endpoint-new'])
    expect(log.changes()[0]?.time).toBe(start + 3 * hour)
  })

  it('has not settled after an hour with few calls', () => {
    const { tell, kinds } = logOf()
    tell(at(30, 5, ['id']))
    tell(at(60, 49, ['id', 'name']))
    tell(at(90, 60, ['id', 'name', 'more']))
    expect(kinds()).toEqual(['endpoint-new'])
  })
})

describe('an endpoint that is not called any more', () => {
  const other = (hours: number, calls: number): Endpoint => at(hours, calls, [], { ...called('/other') })
  const called = (template: string) => ({ template, id: endpointId('GET', 'api.shop.example', template) })

  it('is gone after seven days in which its host was called, once, and can come back', () => {
    const { log, tell, kinds } = logOf()
    tell(at(2, 20, []), other(2, 20))
    tell(other(7 * 24 + 1, 30))
    expect(kinds()).not.toContain('endpoint-gone')
    tell(other(7 * 24 + 3, 31))
    tell(other(7 * 24 + 9, 32))
    expect(kinds().filter(kind => kind === 'endpoint-gone')).toHaveLength(1)
    expect(log.changes()[0]).toMatchObject({ kind: 'endpoint-gone', time: start + 7 * day + 3 * hour })
    tell(at(7 * 24 + 12, 21, []))
    expect(kinds()[0]).toBe('endpoint-back')
  })

  it('is not gone when it was hardly ever called, or when the whole host is silent', () => {
    const { tell, kinds } = logOf()
    const elsewhere = (hours: number): Endpoint =>
      at(hours, 40, [], { host: 'b.example', id: endpointId('GET', 'b.example', '/x'), template: '/x' })
    tell(at(2, 19, []), other(2, 20), elsewhere(2))
    tell(elsewhere(20 * 24))
    tell(other(20 * 24 + 1, 21))
    expect(kinds()).not.toContain('endpoint-gone')
  })
})

describe('names that change', () => {
  const literal = endpointId('GET', 'api.shop.example', '/orders/7')
  const second = endpointId('GET', 'api.shop.example', '/orders/8')

  it('carry their changes on, and nothing is new by them', () => {
    const { log, tell, kinds } = logOf()
    tell(
      at(1, 100, ['id'], { id: literal, template: '/orders/7' }),
      at(1, 100, ['id'], { id: second, template: '/orders/8' }),
    )
    const to = at(2, 201, ['id', 'name'])
    log.take({
      endpoints: [to],
      gone: [],
      merged: [
        [literal, to.id],
        [second, to.id],
      ],
    })
    expect(kinds()).toEqual(['endpoint-new'])
    expect(log.changes()[0]?.endpoint).toBe(to.id)
    tell(at(3, 202, ['id', 'name', 'late']))
    expect(kinds()).toEqual(['field-new late', 'endpoint-new'])
  })

  it('are new where nothing was told of them before', () => {
    const { log, kinds } = logOf()
    const to = at(2, 201, [])
    log.take({ endpoints: [to], gone: [], merged: [[literal, to.id]] })
    expect(kinds()).toEqual(['endpoint-new'])
  })
})

describe('the log', () => {
  it('tells nothing while the catalog learns anew what it knew', () => {
    const { tell, kinds } = logOf()
    tell(at(2, 100, ['id']))
    tell(at(3, 120, ['id', 'name']))
    const before = kinds()
    for (const [calls, names] of [
      [10, ['id']],
      [90, ['id', 'name']],
      [130, ['id', 'name']],
    ] as const)
      tell(at(4, calls, names))
    expect(kinds()).toEqual(before)
  })

  it('keeps the newest and counts what it dropped', () => {
    const { log, tell } = logOf({ entries: 3 })
    for (let index = 0; index < 5; index += 1)
      tell(at(index, 1, [], { id: endpointId('GET', 'a.example', `/${index}`), template: `/${index}` }))
    expect([log.size, log.dropped]).toEqual([3, 2])
    expect(log.changes().map(({ endpoint }) => endpoint.at(-1))).toEqual(['4', '3', '2'])
  })

  it('does not let one endpoint push out the others', () => {
    const { log, tell } = logOf({ entries: 40, perEndpoint: 10 })
    tell(at(2, 100, [], { id: endpointId('GET', 'a.example', '/quiet'), template: '/quiet' }))
    const names: string[] = []
    for (let index = 0; index < 100; index += 1) {
      names.push(`n${index}`)
      tell(at(3 + index, 100 + index, names))
    }
    expect(log.size).toBe(11)
    expect(log.dropped).toBe(100 - 10)
    expect(log.changes().some(({ endpoint }) => endpoint.endsWith('/quiet'))).toBe(true)
  })

  it('is the same whatever the order of the endpoints in a telling', () => {
    const once = (told: readonly Endpoint[]): readonly Endpoint[] => [
      ...new Map(told.map(endpoint => [endpoint.id, endpoint])).values(),
    ]
    fc.assert(
      fc.property(
        fc.array(fc.array(endpoints, { maxLength: 6 }).map(once), { maxLength: 5 }),
        fc.integer({ min: 1, max: 12 }),
        (tellings, entries) => {
          const forth = logOf({ entries })
          const back = logOf({ entries })
          for (const told of tellings) {
            forth.tell(...told)
            back.tell(...[...told].reverse())
          }
          expect(back.log.changes()).toEqual(forth.log.changes())
          expect(back.log.dropped).toBe(forth.log.dropped)
        },
      ),
    )
  })
})
