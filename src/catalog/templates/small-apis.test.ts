import { describe, expect, it } from 'vitest'
import { answeredCall, userInTurn } from '../../../test/support/answered-call.ts'
import type { Json } from '../../call/content.ts'
import { Catalog } from '../catalog.ts'

/** Values that the placeholders of a sample API take: `{user}` is one of these, in turn and with repeats. */
const pools: Readonly<Record<string, readonly string[]>> = {
  int: ['1', '2', '17', '40', '41', '902', '1337', '20481', '77', '8', '530', '64'],
  uuid: [
    '0b2f6c1e-6f0a-4d67-9a53-0f6ad1f7c001',
    '5d1f2a33-97c2-4f3e-8a4e-6f1be1a2d002',
    'a87c9d11-1b7e-4b7a-bb52-9b8a6d3fe003',
    'e41c7a90-2c5d-4c4e-9d0f-3a5b7c8d1004',
  ],
  prefixed: ['cus_9fKx2LqPz1', 'cus_Ab73kdPQ0z', 'cus_0Lm4nOp9Qr', 'cus_Zz81yXw2Vu'],
  hex: ['9f86d081884c7d65', '2c26b46b68ffc68f', 'fcde2b2edba56bf4', 'baa5a0964d3320fb'],
  user: [
    'anna',
    'bjorn',
    'carla77',
    'dmitri',
    'elif',
    'farid',
    'grace',
    'hiro_t',
    'ines',
    'jakub',
    'katya',
    'liam',
    'mateo',
    'noor',
    'oskar',
    'priya',
    'quinn',
    'rosa',
    'sven',
    'tariq',
  ],
  slug: [
    'slow-bread',
    'ten-ways-to-brew-tea',
    'why-owls-hoot',
    'the-long-road',
    'paper-birds',
    'northern-lights',
    'a-quiet-winter',
    'how-to-mend-a-sail',
    'wild-garlic',
    'letters-home',
    'salt-and-stone',
    'tin-roofs',
  ],
  repo: [
    'hello-world',
    'dotfiles',
    'linter',
    'blog',
    'kettle',
    'osprey',
    'webpack',
    'raytracer',
    'notes',
    'tinyhttp',
  ],
  country: ['DE', 'FR', 'US', 'JP', 'BR', 'KE', 'IN', 'SE', 'PL', 'CL', 'NZ', 'EG'],
  lowCountry: ['de', 'fr', 'us', 'jp', 'br', 'ke', 'in', 'se', 'pl', 'cl', 'nz', 'eg'],
  currency: ['EUR', 'USD', 'JPY', 'GBP', 'CHF', 'SEK', 'BRL', 'INR', 'PLN', 'KES'],
  pair: ['EURUSD', 'USDJPY', 'GBPCHF', 'AUDNZD', 'EURSEK', 'USDCAD', 'EURPLN', 'GBPJPY'],
  date: ['2026-01-04', '2026-02-11', '2026-03-30', '2025-12-24', '2026-04-01', '2026-05-17'],
  year: ['2019', '2020', '2021', '2022', '2023', '2024', '2025', '2026'],
  month: ['01', '02', '03', '05', '07', '08', '11', '12'],
  locale: ['de-DE', 'en-GB', 'en-US', 'fr-FR', 'ja-JP', 'pt-BR', 'sv-SE', 'pl-PL'],
  city: [
    'Berlin',
    'Lyon',
    'Kyoto',
    'Nairobi',
    'Recife',
    'Uppsala',
    'Gdansk',
    'Oaxaca',
    'Porto',
    'Hobart',
    'Izmir',
    'Turku',
  ],
  ticker: ['AAPL', 'MSFT', 'SAP', 'TSLA', 'NVDA', 'ASML', 'SHEL', 'NESN', 'TTE', 'INTC'],
  sku: ['SKU-1001', 'SKU-2210', 'KB-77-BLK', 'MUG-0042', 'TEE-9-XL', 'SKU-8812'],
  email: ['anna@example.org', 'bo@example.net', 'c.d@example.com', 'eve+1@example.org'],
  file: [
    'a41.pdf',
    'scan-0091.png',
    'notes.txt',
    'budget2026.xlsx',
    'cat.jpg',
    'holiday.mp4',
    'plan.docx',
    'old.zip',
  ],
  coin: [
    'bitcoin',
    'ethereum',
    'solana',
    'monero',
    'dogecoin',
    'cardano',
    'tezos',
    'cosmos',
    'stellar',
    'algorand',
  ],
  package: ['left-pad', 'express', 'lodash', 'react', 'vite', 'zod', 'chalk', 'kysely', 'fastify', 'undici'],
  semver: ['1.0.0', '1.2.7', '2.0.1', '3.4.5', '0.9.12', '4.17.21'],
  ip: ['203.0.113.5', '198.51.100.7', '192.0.2.99', '203.0.113.77'],
  tenant: [
    'acme',
    'globex',
    'initech',
    'umbra',
    'hooli',
    'vandelay',
    'stark',
    'wonka',
    'tyrell',
    'cyberdyne',
  ],
}

type Operation = readonly [method: string, template: string, answer?: Json]

const host = 'api.sample.example'

/** The same numbers each time (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** `calls` requests to each operation, mixed; small numbers of a pool are drawn more often than large ones. */
function templatesOf(operations: readonly Operation[], calls: number, seed: number): readonly string[] {
  const random = randomOf(seed)
  const plan = operations.flatMap(operation => Array.from({ length: calls }, () => operation))
  for (let index = plan.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1))
    ;[plan[index], plan[other]] = [plan[other]!, plan[index]!]
  }
  const catalog = new Catalog()
  for (const [index, [method, template, answer]] of plan.entries()) {
    const path = template.replace(/\{(\w+)\}/g, (_, name: string) => {
      const pool = pools[name]!
      return encodeURIComponent(pool[Math.floor(random() ** 1.5 * pool.length)]!)
    })
    const status = answer === undefined ? 204 : 200
    catalog.observe(answeredCall({ host, method, path, answer, status }, index), userInTurn(index, 6))
  }
  return catalog
    .endpoints()
    .map(({ method, template }) => `${method} ${template.replace(/\{[^}]*\}/g, '{}')}`)
    .sort()
}

const person = { id: 1, name: 'n', email: 'e', createdAt: 't' }
const page = { items: [{ id: 1, name: 'n' }], next: 'c' }
const post = { id: 1, title: 't', body: 'b', tags: ['x'] }
const order = { id: 1, total: 3, currency: 'EUR', lines: [{ sku: 's', count: 1 }] }
const rate = { base: 'EUR', quote: 'USD', rate: 1.1, at: 't' }
const weather = { temperature: 3, wind: 4, humidity: 5, station: 's' }
const tally = { open: 1, closed: 2, total: 3 }
const taskState = { job: 'j', state: 'queued', eta: 4 }

const rows: readonly [what: string, operations: readonly Operation[]][] = [
  [
    'REST with numbers',
    [
      ['GET', '/users', [person]],
      ['POST', '/users', person],
      ['GET', '/users/{int}', person],
      ['PATCH', '/users/{int}', person],
      ['DELETE', '/users/{int}'],
      ['GET', '/users/{int}/orders', [order]],
      ['GET', '/users/{int}/orders/{int}', order],
    ],
  ],
  [
    'views beside identifiers',
    [
      ['GET', '/users/me', person],
      ['GET', '/users/search', page],
      ['GET', '/users/{uuid}', person],
      ['GET', '/users/self/limits', { calls: 1, burst: 2 }],
      ['GET', '/releases/latest', { version: 'v', notes: 'n' }],
      ['GET', '/releases/current', { version: 'v', notes: 'n' }],
      ['GET', '/releases/{int}', { version: 'v', notes: 'n' }],
    ],
  ],
  [
    'user names beside views',
    [
      ['GET', '/users/me', person],
      ['GET', '/users/{user}', { login: 'l', bio: 'b', followers: 3 }],
      ['GET', '/users/{user}/followers', [{ login: 'l' }]],
      ['GET', '/users/{user}/repos', [{ repo: 'r', stars: 3 }]],
      ['GET', '/users/search', page],
    ],
  ],
  [
    'owners and repositories',
    [
      ['GET', '/repos/{user}/{repo}', { full_name: 'f', stars: 1, fork: true }],
      ['GET', '/repos/{user}/{repo}/issues', [{ number: 1, title: 't' }]],
      ['GET', '/repos/{user}/{repo}/issues/{int}', { number: 1, title: 't', state: 's' }],
      ['POST', '/repos/{user}/{repo}/issues', { number: 1, title: 't', state: 's' }],
      ['GET', '/repos/{user}/{repo}/branches', [{ name: 'n', sha: 's' }]],
    ],
  ],
  [
    'RPC in the path',
    [
      ['POST', '/api/chat.postMessage', { ok: true, ts: '1' }],
      ['POST', '/api/chat.update', { ok: true, ts: '1' }],
      ['POST', '/api/conversations.list', { ok: true, channels: [] }],
      ['POST', '/api/conversations.create', { ok: true, channel: 'c' }],
      ['POST', '/api/users.info', { ok: true, user: 'u' }],
      ['POST', '/api/users.lookupByEmail', { ok: true, user: 'u' }],
      ['POST', '/api/files.upload', { ok: true, file: 'f' }],
    ],
  ],
  [
    'RPC with verbs',
    [
      ['POST', '/rpc/getBalance', { amount: 1, currency: 'c' }],
      ['POST', '/rpc/transferMoney', { receipt: 'r' }],
      ['POST', '/rpc/closeAccount', { closed: true }],
      ['POST', '/rpc/freezeCard', { frozen: true }],
      ['POST', '/rpc/listStatements', { statements: [] }],
      ['POST', '/rpc/changePin'],
    ],
  ],
  [
    'versions side by side',
    [
      ['GET', '/v1/orders', [order]],
      ['GET', '/v2/orders', [order]],
      ['GET', '/v1/orders/{int}', order],
      ['GET', '/v2/orders/{int}', order],
      ['GET', '/v3/orders/{int}', order],
    ],
  ],
  [
    'versions behind the noun',
    [
      ['GET', '/catalog/v1/items/{uuid}', post],
      ['GET', '/catalog/v2/items/{uuid}', post],
      ['GET', '/billing/v1/invoices/{uuid}', order],
    ],
  ],
  [
    'locales in front',
    [
      ['GET', '/{locale}/products', page],
      ['GET', '/{locale}/products/{int}', post],
      ['GET', '/{locale}/stores', [{ street: 's', city: 'c' }]],
    ],
  ],
  [
    'countries and currencies',
    [
      ['GET', '/countries/{country}', { code: 'c', name: 'n', population: 1 }],
      ['GET', '/countries/{country}/holidays/{year}', [{ date: 'd', name: 'n' }]],
      ['GET', '/rates/{currency}', rate],
      ['GET', '/rates/{currency}/history', [rate]],
      ['GET', '/rates/latest', [rate]],
    ],
  ],
  [
    'countries in small letters',
    [
      ['GET', '/tax/{lowCountry}/vat', { standard: 19, reduced: 7 }],
      ['GET', '/tax/{lowCountry}/thresholds', { amount: 1, year: 2 }],
      ['GET', '/tax/calculator', { net: 1, gross: 2 }],
    ],
  ],
  [
    'tickers and pairs',
    [
      ['GET', '/quotes/{ticker}', { bid: 1, ask: 2, at: 't' }],
      ['GET', '/quotes/{ticker}/candles', [{ open: 1, close: 2 }]],
      ['GET', '/fx/{pair}', rate],
    ],
  ],
  [
    'slugs',
    [
      ['GET', '/posts/{slug}', post],
      ['GET', '/posts/{slug}/comments', [{ author: 'a', text: 't' }]],
      ['POST', '/posts/{slug}/comments', { author: 'a', text: 't' }],
      ['GET', '/posts/featured', [post]],
      ['GET', '/tags', [{ tag: 't', count: 1 }]],
    ],
  ],
  [
    'dates',
    [
      ['GET', '/calendar/{date}', { events: [], holiday: false }],
      ['GET', '/archive/{year}/{month}', page],
      ['GET', '/archive/{year}/{month}/{slug}', post],
      ['GET', '/calendar/today', { events: [], holiday: false }],
    ],
  ],
  [
    'acts after a colon',
    [
      ['POST', '/v1/jobs/{int}:cancel', taskState],
      ['POST', '/v1/jobs/{int}:retry', taskState],
      ['GET', '/v1/jobs/{int}', taskState],
      ['POST', '/v1/jobs:batchDelete', { deleted: 3 }],
    ],
  ],
  [
    'acts after a colon, on words',
    [
      ['POST', '/v1/specs/{package}:rollback', taskState],
      ['POST', '/v1/specs/{package}:tagRevision', taskState],
      ['GET', '/v1/specs/{package}:listRevisions', [taskState]],
      ['GET', '/v1/specs/{package}', post],
    ],
  ],
  [
    'a digit in front',
    [
      ['GET', '/1/classes/{tenant}', page],
      ['GET', '/1/accounts/{hex}', person],
      ['GET', '/1/version', { version: 'v' }],
    ],
  ],
  [
    'acts behind identifiers',
    [
      ['POST', '/orders/{uuid}/cancel', order],
      ['POST', '/orders/{uuid}/refund', order],
      ['POST', '/orders/{uuid}/ship', { parcel: 'p' }],
      ['GET', '/orders/{uuid}/events', [{ at: 't', kind: 'k' }]],
      ['GET', '/orders/{uuid}', order],
    ],
  ],
  [
    'collections that are alike',
    [
      ['GET', '/movies', page],
      ['GET', '/shows', page],
      ['GET', '/books', page],
      ['GET', '/movies/{int}', post],
      ['GET', '/shows/{int}', post],
      ['GET', '/books/{int}', post],
      ['DELETE', '/movies/{int}'],
      ['DELETE', '/shows/{int}'],
    ],
  ],
  [
    'reports that are alike',
    [
      ['GET', '/reports/sales', tally],
      ['GET', '/reports/inventory', tally],
      ['GET', '/reports/returns', tally],
      ['GET', '/reports/staffing', tally],
      ['GET', '/reports/{uuid}/download', { url: 'u' }],
    ],
  ],
  [
    'cities',
    [
      ['GET', '/weather/{city}', weather],
      ['GET', '/weather/{city}/forecast', [weather]],
      ['GET', '/weather/{city}/alerts', [{ level: 1, text: 't' }]],
      ['GET', '/weather/stations', [{ id: 's', lat: 1, lon: 2 }]],
    ],
  ],
  [
    'tenants in the path',
    [
      ['GET', '/t/{tenant}/projects', page],
      ['GET', '/t/{tenant}/projects/{int}', post],
      ['GET', '/t/{tenant}/members', [person]],
      ['PUT', '/t/{tenant}/theme', { color: 'c', logo: 'l' }],
    ],
  ],
  [
    'coins beside lists',
    [
      ['GET', '/coins/list', [{ id: 'i', symbol: 's' }]],
      ['GET', '/coins/markets', [{ id: 'i', price: 1, cap: 2 }]],
      ['GET', '/coins/{coin}', { id: 'i', symbol: 's', links: {}, genesis: 'g' }],
      ['GET', '/coins/{coin}/tickers', { name: 'n', tickers: [] }],
      ['GET', '/coins/{coin}/history', { id: 'i', market: {} }],
    ],
  ],
  [
    'packages and versions',
    [
      ['GET', '/packages/{package}', { name: 'n', latest: 'l', versions: [] }],
      ['GET', '/packages/{package}/{semver}', { name: 'n', version: 'v', tarball: 't' }],
      ['GET', '/packages/{package}/downloads', { day: 1, week: 2 }],
      ['GET', '/search', page],
    ],
  ],
  [
    'files',
    [
      ['GET', '/files/{file}', { url: 'u', size: 1 }],
      ['DELETE', '/files/{file}'],
      ['POST', '/files', { url: 'u', size: 1 }],
      ['GET', '/files/{hex}/preview', { url: 'u' }],
    ],
  ],
  [
    'identifiers of many kinds',
    [
      ['GET', '/customers/{prefixed}', person],
      ['GET', '/customers/{prefixed}/sources', [{ brand: 'b' }]],
      ['GET', '/products/{sku}', post],
      ['GET', '/accounts/{email}', person],
      ['GET', '/hosts/{ip}', { ip: 'i', ports: [] }],
      ['GET', '/commits/{hex}', { sha: 's', message: 'm' }],
    ],
  ],
  [
    'settings by area',
    [
      ['GET', '/settings/general', { name: 'n', logo: 'l' }],
      ['PUT', '/settings/general', { name: 'n', logo: 'l' }],
      ['GET', '/settings/billing', { plan: 'p', card: 'c' }],
      ['PUT', '/settings/billing', { plan: 'p', card: 'c' }],
      ['GET', '/settings/security', { mfa: true, sso: false }],
      ['PUT', '/settings/security', { mfa: true, sso: false }],
    ],
  ],
  [
    'matrix of areas and ids',
    [
      ['GET', '/admin/users/{int}', person],
      ['POST', '/admin/users/{int}/suspend'],
      ['GET', '/admin/audit', [{ at: 't', by: 'b' }]],
      ['GET', '/admin/flags', [{ flag: 'f', on: true }]],
      ['PUT', '/admin/flags/{slug}', { flag: 'f', on: true }],
    ],
  ],
]

const expectedOf = (operations: readonly Operation[]): readonly string[] =>
  operations.map(([method, template]) => `${method} ${template.replace(/\{[^}]*\}/g, '{}')}`).sort()

describe('templates of small APIs', () => {
  let ran = 0
  it.each(rows)('%s', (_, operations) => {
    expect(templatesOf(operations, 24, 7)).toEqual(expectedOf(operations))
    ran += 1
  })
  it('ran every row', () => expect(ran).toBe(28))

  // Which values come first is chance: what is learned should hardly depend on it.
  const densities: readonly [calls: number, share: number][] = [
    [12, 0.98],
    [24, 0.98],
    [60, 0.98],
    [200, 0.98],
  ]
  it.each(densities)('%d calls an operation in eight orders: at least %d learned exactly', (calls, share) => {
    let exact = 0
    let learned = 0
    for (let seed = 1; seed <= 8; seed += 1)
      for (const [, operations] of rows) {
        learned += 1
        if (templatesOf(operations, calls, seed).join() === expectedOf(operations).join()) exact += 1
      }
    expect(learned).toBe(224)
    expect(exact / learned).toBeGreaterThanOrEqual(share)
  })
})
