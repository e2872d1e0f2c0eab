import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exampleCall } from '../../call/protocols/example-call.ts'
import type { Identity } from '../../identity/identity.ts'
import { SallyportError } from '../../kit/error.ts'
import type { PrincipalId } from '../../kit/id.ts'
import { Catalog } from '../catalog.ts'
import type { Match } from '../endpoint.ts'
import { RouteMatcher } from '../route-matcher.ts'
import { parsePin } from './parse-pin.ts'
import type { TemplatePin } from './template-pin.ts'

const user: Identity = {
  principal: 'user:u' as PrincipalId,
  kind: 'user',
  name: 'u',
  roles: [],
  claims: {},
  confidence: 1,
  device: 'd',
  evidence: 'JWT subject',
}

const host = 'api.shop.example'

function get(catalog: Catalog, path: string, at = host, route?: string): Match {
  const call = exampleCall({
    request: { method: 'GET', target: path, headers: { host: at } },
    response: { status: 200, headers: { 'content-type': 'application/json' }, body: { id: 1, name: 'n' } },
  })
  const request = route === undefined ? call.request : { ...call.request, route }
  return catalog.observe({ ...call, request, destination: { ...call.destination, host: at } }, user)
}

const pin = (template: string, at = host): TemplatePin => ({ id: `${at}${template}`, host: at, template })
const templates = (catalog: Catalog): string[] => catalog.endpoints().map(({ template }) => template)

describe('pins', () => {
  it('take the words beside a pinned placeholder in at once, and new ones', () => {
    const catalog = new Catalog()
    const told: string[] = []
    catalog.onMerge((from, to) => told.push(`${from} > ${to}`))
    const first = get(catalog, '/sync/invoices/run')
    get(catalog, '/sync/search/run')
    catalog.pin([pin('/sync/{feed}')])
    expect(templates(catalog)).toEqual(['/sync/{feed}/run'])
    expect(told).toHaveLength(2)
    expect(catalog.resolve(first.endpoint)).toBe('GET api.shop.example/sync/{feed}/run')
    expect(get(catalog, '/sync/export/run')).toMatchObject({
      template: '/sync/{feed}/run',
      params: [['feed', 'export']],
    })
    expect(catalog.reviews().map(({ state, template, pin: by }) => [state, template, by])).toContainEqual([
      'pinned',
      '/sync/{feed}',
      'api.shop.example/sync/{feed}',
    ])
  })

  it('split a literal out at its next call', () => {
    const catalog = new Catalog()
    const split: string[] = []
    catalog.onSplit((from, to) => split.push(`${from} > ${to}`))
    catalog.pin([pin('/sync/{feed}')])
    get(catalog, '/sync/health')
    catalog.pin([pin('/sync/{feed}'), pin('/sync/health')])
    expect(get(catalog, '/sync/health').template).toBe('/sync/health')
    expect(get(catalog, '/sync/other').template).toBe('/sync/{feed}')
    expect(split).toEqual(['GET api.shop.example/sync/{feed} > GET api.shop.example/sync/health'])
  })

  it('hold on hosts seen later, for a pattern and everywhere, and for mixed segments', () => {
    const catalog = new Catalog()
    catalog.pin([pin('/a/{x}', '*'), pin('/b/{y}', '{t}.shop.example'), pin('/c/r-{a}..{b}.json', '*')])
    expect(get(catalog, '/a/word', 'new.example').template).toBe('/a/{x}')
    expect(get(catalog, '/b/word', 'k.shop.example').template).toBe('/b/{y}')
    expect(get(catalog, '/b/word', 'new.example').template).toBe('/b/word')
    expect(get(catalog, '/c/r-m..n.json', 'new.example').params).toEqual([
      ['a', 'm'],
      ['b', 'n'],
    ])
  })

  it('are harmless when taken back', () => {
    const catalog = new Catalog()
    for (let id = 1; id < 6; id += 1) get(catalog, `/orders/${id}`)
    const before = catalog.endpoints()
    catalog.pin([pin('/orders/{number}')])
    expect(templates(catalog)).toEqual(['/orders/{number}'])
    catalog.pin([])
    expect(catalog.endpoints()).toEqual(before)
  })

  it('say the same in any order, contradictions included', () => {
    const pins = ['/a/{x}', '/a/{y}', '/a/b', '/a/{x}/c/{y}', '/{z}', '/a/b-{n}'].map(one => pin(one))
    const paths = ['/a/m', '/a/b', '/a/m/c/n', '/q', '/a/b-7', '/a/b/c/d']
    const read = (given: readonly TemplatePin[]): string[] => {
      const catalog = new Catalog()
      catalog.pin(given)
      const found = paths.map(path => get(catalog, path))
      const matcher = new RouteMatcher(catalog.routes())
      for (const [index, path] of paths.entries())
        expect(matcher.match(host, 'GET', path)).toEqual(found[index])
      return found.map(({ template }) => template)
    }
    const expected = read(pins)
    fc.assert(
      fc.property(fc.shuffledSubarray(pins, { minLength: pins.length }), given => {
        expect(read(given)).toEqual(expected)
      }),
      { numRuns: 40 },
    )
  })

  const wrong: readonly [host: string, template: string][] = [
    ['x.example', 'orders'],
    ['x.example', '/a/{b'],
    ['x.example', '/a/{}'],
    ['x.example', '/a/{b}{c}'],
    ['x.example', '/a/{b}/{b}'],
    ['x.example', `/${'x'.repeat(600)}`],
    ['x.example', '/a?b=c'],
    ['not a host', '/a'],
  ]
  it('are refused with a mend', () => {
    let ran = 0
    for (const [at, template] of wrong) {
      let thrown: unknown
      try {
        parsePin(at, template)
      } catch (error) {
        thrown = error
      }
      expect(thrown).toBeInstanceOf(SallyportError)
      expect((thrown as SallyportError).mend).toBeTruthy()
      ran += 1
    }
    expect(ran).toBe(8)
    expect(parsePin('X.Example', '/a//{b}')).toEqual({ host: 'x.example', template: '/a/{b}' })
  })
})

describe("frameworks' routes", () => {
  it('shape the tree below pins and above what was learned', () => {
    const catalog = new Catalog()
    get(catalog, '/people/anna')
    expect(get(catalog, '/people/anna', host, '/people/:name').template).toBe('/people/{name}')
    expect(get(catalog, '/people/search', host, '/people/search').template).toBe('/people/search')
    expect(templates(catalog)).toEqual(['/people/search', '/people/{name}'])
    catalog.pin([pin('/people/{person}')])
    expect(get(catalog, '/people/search', host, '/people/search').template).toBe('/people/{person}')
  })
})

describe('host patterns', () => {
  it('gather hosts, seen before and after', () => {
    const catalog = new Catalog()
    const before = get(catalog, '/orders/7', 'red.shop.example')
    catalog.hostPatterns(['{tenant}.shop.example', 'www.shop.example'])
    expect(get(catalog, '/orders/8', 'blue.shop.example')).toEqual({
      endpoint: 'GET {tenant}.shop.example/orders/{orderId}',
      template: '/orders/{orderId}',
      params: [
        ['tenant', 'blue'],
        ['orderId', '8'],
      ],
    })
    expect(get(catalog, '/orders/8', 'www.shop.example').endpoint).toContain(' www.shop.example/')
    expect(catalog.resolve(before.endpoint)).toBe('GET {tenant}.shop.example/orders/{orderId}')
  })
})
