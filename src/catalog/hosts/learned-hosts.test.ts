import { describe, expect, it } from 'vitest'
import { exampleCall } from '../../call/protocols/example-call.ts'
import type { Identity } from '../../identity/identity.ts'
import type { PrincipalId } from '../../kit/id.ts'
import { Catalog } from '../catalog.ts'
import type { CatalogOptions } from '../catalog-options.ts'
import { RouteMatcher } from '../route-matcher.ts'

const user: Identity = {
  principal: 'user:a' as PrincipalId,
  kind: 'user',
  name: 'a',
  roles: [],
  claims: {},
  confidence: 1,
  device: 'd',
  evidence: 'JWT subject',
}

type Operation = readonly [target: string, answer: object]

const shop: readonly Operation[] = [
  ['/orders/17', { id: 1, total: 2, currency: 'EUR', lines: [], state: 'paid' }],
  ['/orders', [{ id: 1, total: 2, currency: 'EUR' }]],
  ['/customers/4/addresses', [{ street: 's', city: 'c', country: 'k' }]],
]
const billing: readonly Operation[] = [
  ['/invoices/9', { number: 'n', due: 'd', amount: 1 }],
  ['/ledger/entries', [{ debit: 1, credit: 2 }]],
  ['/health', { ok: true }],
]

function ask(catalog: Catalog, host: string, operations: readonly Operation[], times = 6) {
  for (let turn = 0; turn < times; turn += 1)
    for (const [target, body] of operations) {
      const call = exampleCall({
        request: { method: 'GET', target, headers: { host } },
        response: { status: 200, headers: { 'content-type': 'application/json' }, body },
      })
      catalog.observe({ ...call, destination: { host } }, user)
    }
}

const hostsOf = (catalog: Catalog): readonly string[] =>
  [...new Set(catalog.endpoints().map(({ host }) => host))].sort()

const tenants = ['acme', 'bolt', 'cedar', 'delta', 'elm', 'fjord', 'grove', 'haven']

function learned(
  hosts: readonly (readonly [host: string, operations: readonly Operation[]])[],
  options: Partial<CatalogOptions> = {},
): Catalog {
  const catalog = new Catalog(options)
  for (const [host, operations] of hosts) ask(catalog, host, operations)
  return catalog
}

const rows: readonly [
  what: string,
  hosts: readonly (readonly [string, readonly Operation[]])[],
  expected: readonly string[],
][] = [
  [
    'tenants below one domain',
    tenants.map(name => [`${name}.shop.example`, shop]),
    ['{tenant}.shop.example'],
  ],
  [
    'services beside tenants',
    [
      ...tenants.map(name => [`${name}.shop.example`, shop] as const),
      ['api.shop.example', shop],
      ['admin.shop.example', shop],
      ['www.shop.example', billing],
    ],
    ['admin.shop.example', 'api.shop.example', 'www.shop.example', '{tenant}.shop.example'],
  ],
  [
    'a host with another API',
    [...tenants.map(name => [`${name}.shop.example`, shop] as const), ['ledgerworks.shop.example', billing]],
    ['ledgerworks.shop.example', '{tenant}.shop.example'],
  ],
  [
    'hosts that have nothing in common',
    tenants.map((name, index) => [
      `${name}.shop.example`,
      [
        [`/${name}-things/${index}`, { [name]: 1, id: index }],
        [`/list-of-${name}`, [{ [`${name}Id`]: 1 }]],
        ['/health', { ok: true }],
      ],
    ]),
    tenants.map(name => `${name}.shop.example`),
  ],
  [
    'names below what is sold to anyone',
    tenants.map(name => [`${name}.co.uk`, shop]),
    tenants.map(name => `${name}.co.uk`),
  ],
  [
    'too few',
    tenants.slice(0, 4).map(name => [`${name}.shop.example`, shop]),
    tenants.slice(0, 4).map(name => `${name}.shop.example`),
  ],
  ['addresses with one port', tenants.map((_, index) => [`10.0.3.${index}:8080`, shop]), ['{address}:8080']],
  [
    'preview deployments',
    tenants.map((_, index) => [`pr-${index + 40}.preview.shop.example`, shop]),
    ['pr-{number}.preview.shop.example'],
  ],
]

describe('hosts that are one API', () => {
  let ran = 0
  it.each(rows)('%s', (_, hosts, expected) => {
    expect(hostsOf(learned(hosts))).toEqual([...expected].sort())
    ran += 1
  })
  it('ran every row', () => expect(ran).toBe(rows.length))

  it('are told as merges, shown for review, and the gateway names them alike', () => {
    const catalog = new Catalog()
    const merges = new Map<string, string>()
    catalog.onMerge((from, to) => merges.set(from, to))
    for (const name of tenants) ask(catalog, `${name}.shop.example`, shop)
    catalog.settle()
    expect(merges.get('GET acme.shop.example/orders/{orderId}')).toBe(
      'GET {tenant}.shop.example/orders/{orderId}',
    )
    const review = catalog.reviews().find(({ id }) => id === '{tenant}.shop.example')
    expect(review).toMatchObject({ state: 'merged', count: 8 })
    expect(review!.words).toContain('acme.shop.example')
    expect(review!.evidence.reduce((sum, { nats }) => sum + nats, 0)).toBeCloseTo(review!.nats, 1)
    const matcher = new RouteMatcher(catalog.routes())
    const call = exampleCall({ request: { method: 'GET', target: '/orders/17', headers: {} } })
    const match = catalog.observe({ ...call, destination: { host: 'newcomer.shop.example' } }, user)
    expect(match.params).toEqual([
      ['tenant', 'newcomer'],
      ['orderId', '17'],
    ])
    expect(matcher.match('newcomer.shop.example', 'GET', '/orders/17')).toEqual(match)
    expect(matcher.match('api.shop.example', 'GET', '/orders/17')).toBeUndefined()
  })

  it('stay apart where a pin names one, and where it is switched off', () => {
    const hosts = tenants.map(name => [`${name}.shop.example`, shop] as const)
    expect(hostsOf(learned(hosts, { alikeHosts: 0 }))).toHaveLength(8)
    const catalog = new Catalog()
    catalog.pin([{ id: 'pin-1', host: 'acme.shop.example', template: '/orders/{orderId}' }])
    for (const [host, operations] of hosts) ask(catalog, host, operations)
    expect(hostsOf(catalog)).toEqual(['acme.shop.example', '{tenant}.shop.example'])
  })
})
