import { describe, expect, it } from 'vitest'
import { storedCall } from '../../test/support/sample-server.ts'
import { parseCatalogFile } from '../catalog/ownership/catalog-file.ts'
import { RouteMatcher } from '../catalog/route-matcher.ts'
import { callId, type EndpointId } from '../kit/id.ts'
import { Analysis } from './analysis.ts'
import { noDirections } from './directions.ts'

const host = 'api.shop.example'
let told = 0

/** A caller reads something that belongs to an owner. */
function read(analysis: Analysis, path: string, caller: string, owner = caller) {
  told += 1
  const { call } = storedCall(told)
  const [credential] = call.credentials
  const response = call.response
  if (credential === undefined || response === undefined) throw new TypeError('the sample call has both')
  return analysis.observe({
    ...call,
    id: callId(`r-${told}`),
    request: { ...call.request, target: path, path },
    response: { ...response, status: 200, content: { kind: 'json', value: { id: told, owner } } },
    credentials: [{ ...credential, claims: { sub: caller } }],
  })
}

const changed = (analysis: Analysis) =>
  analysis
    .drainEndpoints()
    .flatMap(({ endpoint }) => endpoint ?? [])
    .sort((a, b) => (a.id < b.id ? -1 : 1))

function learned(): Analysis {
  const analysis = new Analysis()
  for (let round = 0; round < 8; round += 1)
    for (let user = 0; user < 12; user += 1) read(analysis, `/users/${100 + user}`, `user-${user}`)
  changed(analysis)
  return analysis
}

const id = (template: string) => `GET ${host}${template}` as EndpointId

describe('what people say of the catalog', () => {
  it('changes labels without new traffic, by rules of all endpoints, by a word of one', () => {
    const analysis = learned()
    read(analysis, '/health', 'user-1')
    changed(analysis)
    const file = parseCatalogFile(
      'rules:\n  - { name: people, match: { path: /users/** }, set: { owner: identity } }\n',
      'catalog.yaml',
    )
    const owners = () => changed(analysis).map(({ id, labels }) => [id, labels?.owner?.value])
    analysis.direct({ ...noDirections, version: 1, file })
    expect(owners()).toEqual([
      [id('/health'), undefined],
      [id('/users/{userId}'), 'identity'],
    ])
    const overrides = [{ endpoint: id('/users/{userId}'), owner: 'accounts' }]
    analysis.direct({ version: 2, pins: [], overrides, file })
    expect(owners()).toEqual([[id('/users/{userId}'), 'accounts']])
    analysis.direct({ version: 3, pins: [], overrides, file })
    expect(owners()).toEqual([])
    analysis.direct({ version: 4, pins: [], overrides: [], file })
    expect(owners()).toEqual([[id('/users/{userId}'), 'identity']])
  })

  it('folds hosts that are one API', () => {
    const analysis = new Analysis()
    analysis.direct({
      ...noDirections,
      file: parseCatalogFile('hosts: ["{tenant}.shop.example"]', 'catalog.yaml'),
    })
    for (let index = 0; index < 12; index += 1) {
      const { call } = storedCall(index)
      analysis.observe({ ...call, destination: { host: `tenant-${index}.shop.example` } })
    }
    expect(analysis.catalog.endpoints().map(({ id, calls }) => [id, calls])).toEqual([
      ['GET {tenant}.shop.example/invoices/{invoiceId}', 12],
    ])
    // What a gateway is told names a host that was never called, too, and no other.
    const matcher = new RouteMatcher(analysis.catalog.routes())
    expect(matcher.match('new.shop.example', 'GET', '/invoices/7')).toEqual({
      endpoint: 'GET {tenant}.shop.example/invoices/{invoiceId}',
      template: '/invoices/{invoiceId}',
      params: [
        ['tenant', 'new'],
        ['invoiceId', '7'],
      ],
    })
    for (const host of ['shop.example', 'a.b.shop.example', 'new.shop.example.evil.test'])
      expect(matcher.match(host, 'GET', '/invoices/7')).toBeUndefined()
  })

  it('splits a word off without what was learned of the others', () => {
    const analysis = learned()
    expect(analysis.detection.owners.bindings().map(({ endpoint }) => endpoint)).toEqual([
      id('/users/{userId}'),
    ])
    const pin = { id: 'pin-1', host, template: '/users/105' }
    analysis.direct({ ...noDirections, version: 1, pins: [pin] })
    // Whose it is was learned of the others: there it is abuse, here it says nothing.
    const apart = read(analysis, '/users/105', 'user-9', 'user-5')
    expect([apart.stored?.endpoint, apart.signals]).toEqual([id('/users/105'), []])
    expect(changed(analysis).map(({ id }) => id)).toContain(id('/users/105'))
    const among = read(analysis, '/users/106', 'user-9', 'user-6')
    expect(among.signals).toMatchObject([{ detector: 'owner-binding', endpoint: id('/users/{userId}') }])
    const matcher = new RouteMatcher(analysis.catalog.routes())
    expect(matcher.match(host, 'GET', '/users/105')?.endpoint).toBe(id('/users/105'))
    expect(matcher.match(host, 'GET', '/users/107')?.endpoint).toBe(id('/users/{userId}'))
  })
})
