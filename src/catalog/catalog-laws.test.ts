import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answeredCall, userInTurn } from '../../test/support/answered-call.ts'
import type { Json } from '../call/content.ts'
import { Catalog } from './catalog.ts'
import type { TemplatePin } from './directions/template-pin.ts'
import { RouteMatcher } from './route-matcher.ts'

interface Step {
  readonly host: string
  readonly method: string
  readonly path: string
  readonly answer: Json
  readonly route?: string
}

const identityOf = (index: number) => userInTurn(index, 4)

const answers: Readonly<Record<string, Json>> = {
  order: { id: 1, total: 2, currency: 'EUR', state: 's' },
  report: { week: 1, rows: [], author: 'a', hash: 'h' },
  note: { text: 't', by: 'b' },
}
const answer = fc.constantFrom(...Object.values(answers))
const segment = fc.oneof(
  fc.constantFrom(
    'orders',
    'me',
    'search',
    'reports',
    'v1',
    'latest',
    'rome',
    'rome.txt',
    'oslo',
    'oslo.atom',
  ),
  fc.integer({ min: 1, max: 999 }).map(String),
  fc
    .integer({ min: 0, max: 40 })
    .map(index => `${'bdfklmnprt'[index % 10]}${'aeiou'[index % 5]}l-${'xyz'[index % 3]}oat`),
  fc.constantFrom(
    'report-1.json',
    'report-2.json',
    '@anna',
    '5e9f8f8f8f8f8f8f8f8f8f8f',
    '2024-01-01',
    '1.2.3',
    '1.2.4',
  ),
)
const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map(segments => `/${segments.join('/')}`)
const step: fc.Arbitrary<Step> = fc.record({
  host: fc.oneof(
    fc.constant('api.shop.example'),
    fc.integer({ min: 0, max: 7 }).map(index => `${'abcdefgh'[index]}corp.shop.example`),
  ),
  method: fc.constantFrom('GET', 'GET', 'POST'),
  path,
  answer,
})
const steps = fc.array(step, { minLength: 40, maxLength: 250 })

const pins: readonly TemplatePin[] = [
  { id: 'pin-1', host: 'api.shop.example', template: '/orders/{number}' },
  { id: 'pin-2', host: '*', template: '/{word}/latest' },
]

interface Told {
  readonly endpoints: readonly string[]
  readonly events: readonly string[]
}

function run(all: readonly Step[], given: readonly TemplatePin[]): Told {
  const catalog = new Catalog()
  const events: string[] = []
  catalog.onMerge((from, to) => events.push(`${from} > ${to}`))
  catalog.onSplit((from, to) => events.push(`${from} < ${to}`))
  catalog.pin(given)
  for (const [index, one] of all.entries()) {
    const { endpoint, params } = catalog.observe(answeredCall(one, index), identityOf(index))
    events.push(`${endpoint} ${JSON.stringify(params)}`)
  }
  return { endpoints: catalog.endpoints().map(({ id, calls }) => `${id} ${calls}`), events }
}

describe('laws of the catalog', () => {
  it('after a restart, the same calls and pins give the same templates', () => {
    fc.assert(
      fc.property(steps, fc.boolean(), (all, pinned) => {
        const given = pinned ? pins : []
        expect(run(all, given)).toEqual(run(all, given.toReversed()))
      }),
      { numRuns: 30 },
    )
  })

  it('the gateway names each learned call as the catalog does', () => {
    let compared = 0
    fc.assert(
      fc.property(steps, fc.boolean(), (all, pinned) => {
        const catalog = new Catalog()
        catalog.pin(pinned ? pins : [])
        for (const [index, one] of all.entries()) catalog.observe(answeredCall(one, index), identityOf(index))
        catalog.settle()
        const matcher = new RouteMatcher(catalog.routes())
        let changed = false
        catalog.onMerge(() => {
          changed = true
        })
        catalog.onSplit(() => {
          changed = true
        })
        for (const [index, one] of all.entries()) {
          const named = matcher.match(one.host, one.method, one.path)
          const observed = catalog.observe(answeredCall(one, all.length + index), identityOf(index))
          // What the call itself changed is in the gateway's next snapshot.
          if (changed) break
          compared += 1
          expect(named).toEqual(observed)
        }
      }),
      { numRuns: 40 },
    )
    expect(compared).toBeGreaterThan(500)
  })

  it('reviews are not worked out again at each call of a large catalog, and at once after a pin', () => {
    const catalog = new Catalog()
    let index = 0
    const observe = (one: Step): void => {
      catalog.observe(answeredCall(one, index), identityOf(index))
      index += 1
    }
    for (let operation = 0; operation < 1_000; operation += 1) {
      const name = `f${operation % 100}`
      const known = { [`${name}a`]: 1, [`${name}b`]: 1, [`${name}c`]: 1 }
      for (let turn = 0; turn < 6; turn += 1)
        observe({
          host: `h${operation % 10}.example`,
          method: 'GET',
          path: `/group-${operation}-ops/accounts`,
          answer: known,
        })
    }
    const held = catalog.stats.endpoints
    expect(held).toBeGreaterThan(500)
    const first = catalog.reviews()
    const more: Step = {
      host: 'h1.example',
      method: 'GET',
      path: '/group-1-ops/accounts',
      answer: { f1a: 1, f1b: 1, f1c: 1 },
    }
    observe(more)
    expect(catalog.reviews()).toBe(first)
    for (let turn = 0; turn < held / 16; turn += 1) observe(more)
    expect(catalog.reviews()).not.toBe(first)
    const second = catalog.reviews()
    catalog.pin([{ id: 'pin-1', host: 'h1.example', template: '/group-1-ops/accounts' }])
    expect(catalog.reviews()).not.toBe(second)
    expect(catalog.reviews().some(({ state }) => state === 'pinned')).toBe(true)
  })
})
