import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { describe, expect, it, vi } from 'vitest'
import type { EndpointDetailView, EndpointView } from '../../src/server/api/endpoint.ts'
import type { FindingView } from '../../src/server/api/finding.ts'
import type { PageView } from '../../src/server/api/page.ts'
import type { PinView } from '../../src/server/api/pin.ts'
import { withUpstream } from './protected-upstream.ts'

const host = 'api.shop.example'

/** Feeds answer each in its own way, so that nothing speaks for folding them. */
const feeds: Readonly<Record<string, object>> = {
  catalog: { products: [{ sku: 'a-1', price: 4 }], etag: 'x' },
  prices: { currency: 'EUR', rows: [[1, 2]], next: null },
  stock: { warehouse: 'north', levels: { 'a-1': 4 } },
}
const upstream = withUpstream((request, response) => {
  request.resume()
  const { pathname } = new URL(request.url ?? '/', 'http://upstream')
  const [, kind = '', name = ''] = pathname.split('/')
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(kind === 'sync' ? (feeds[name] ?? feeds.stock) : { id: Number(name), name }))
}, {})

async function call(path: string, times = 1): Promise<void> {
  for (let index = 0; index < times; index += 1) {
    const headers = { host, authorization: `Bearer opaque-${index % 4}` }
    // Not by fetch, which sends the host of the address.
    const [answer] = (await once(get(`${upstream.gateway}${path}`, { headers }), 'response')) as [
      IncomingMessage,
    ]
    answer.resume()
    await once(answer, 'end')
    expect(answer.statusCode).toBe(200)
  }
}

async function traffic(): Promise<void> {
  for (const name of Object.keys(feeds)) await call(`/sync/${name}`, 6)
  for (let id = 1; id <= 12; id += 1) await call(`/orders/${id}`)
}

const rest = upstream.rest.bind(upstream)

async function cli<Answer>(...args: string[]): Promise<Answer> {
  const { stdout, stderr } = await upstream.did(...args, '--format', 'json')
  expect([args, stderr]).toEqual([args, ''])
  return JSON.parse(stdout) as Answer
}

async function told(...args: string[]): Promise<string> {
  const { stdout, stderr } = await upstream.did(...args)
  expect([args, stdout]).toEqual([args, ''])
  return stderr
}

/** Templates of what was called, each with its calls. */
async function seen(): Promise<Readonly<Record<string, number>>> {
  const { items } = await rest<PageView<EndpointView>>('GET', '/endpoints')
  return Object.fromEntries(
    items.flatMap(({ inventory, template, calls }) => (inventory === 'orphan' ? [] : [[template, calls]])),
  )
}

const idOf = (template: string): string => `GET ${host}${template}`
const pathOf = (template: string): string => `/endpoints/${encodeURIComponent(idOf(template))}`

describe('what people say of the catalog', () => {
  it('folds words by a pin, at once', async () => {
    await traffic()
    await vi.waitFor(
      async () =>
        expect(await seen()).toEqual({
          '/orders/{orderId}': 12,
          '/sync/catalog': 6,
          '/sync/prices': 6,
          '/sync/stock': 6,
        }),
      { timeout: 20_000, interval: 200 },
    )
    const pin = await rest<PinView>('POST', '/catalog/pins', { host, template: '/sync/{feed}' })
    expect(await seen()).toEqual({ '/orders/{orderId}': 12, '/sync/{feed}': 18 })
    // Whoever kept the old id still finds it.
    const former = await rest<EndpointDetailView>('GET', pathOf('/sync/prices'))
    expect([former.id, former.calls]).toEqual([idOf('/sync/{feed}'), 18])
    expect(await cli<PinView[]>('apis', 'pins')).toMatchObject([{ id: pin.id, template: '/sync/{feed}' }])
    const reviews = await cli<{ state: string; template: string; pin?: string }[]>(
      'apis',
      'reviews',
      '--state',
      'pinned',
    )
    expect(reviews.map(({ template, pin: by }) => [template, by])).toEqual([['/sync/{feed}', pin.id]])
  }, 60_000)

  it('keeps a word apart by a pin, from its next call', async () => {
    expect(await told('apis', 'pin', host, '/sync/stock', '--reason', 'It writes.')).toMatch(
      /^Pinned: api\.shop\.example \/sync\/stock\n {2}→ undo: sallyport apis unpin pin-\w+\n$/,
    )
    await call('/sync/stock', 3)
    await call('/sync/elsewhere')
    await vi.waitFor(
      async () => expect(await seen()).toMatchObject({ '/sync/{feed}': 19, '/sync/stock': 3 }),
      { timeout: 20_000, interval: 200 },
    )
  }, 60_000)

  it('labels endpoints, and finds them by their labels', async () => {
    const detail = await rest<EndpointDetailView>('PATCH', pathOf('/orders/{orderId}'), {
      owner: 'orders',
      tags: ['core'],
      reason: 'Agreed.',
    })
    expect(detail.labels?.owner).toEqual({ value: 'orders', from: 'person', why: 'Agreed.' })
    const said = await told(
      'apis',
      'set',
      idOf('/sync/{feed}'),
      '--owner',
      'logistics',
      '--criticality',
      'export',
    )
    expect(said).toContain('owner logistics (person)')
    const ids = async (...filters: string[]) =>
      (await cli<EndpointView[]>('apis', 'list', ...filters)).map(({ template }) => template)
    expect(await ids('--owner', 'orders', '--tag', 'core')).toEqual(['/orders/{orderId}'])
    expect(await ids('--criticality', 'export')).toEqual(['/sync/{feed}'])
    const table = await upstream.run('apis', 'list')
    expect(table.stdout.split('\n')[0]).toMatch(/^RISK +ENDPOINT +OWNER +CALLS/)
    const shown = await cli<EndpointDetailView & { examples: { status: number }[] }>(
      ...['apis', 'show', idOf('/orders/{orderId}')],
    )
    expect(shown.examples).toMatchObject([{ status: 200, method: 'GET' }])
    expect(shown.messages?.responses).toMatchObject([{ mediaType: 'application/json' }])
  }, 60_000)

  it('tells what is specified and never called, and findings that a person may dismiss', async () => {
    const file = upstream.file('orders.json')
    writeFileSync(
      file,
      JSON.stringify({
        openapi: '3.1.0',
        info: { title: 'Orders', version: '1' },
        servers: [{ url: `https://${host}` }],
        paths: {
          '/orders/{orderId}': {
            get: {
              parameters: [{ name: 'orderId', in: 'path', required: true, schema: { type: 'integer' } }],
              responses: {
                200: {
                  description: 'One order.',
                  content: {
                    'application/json': {
                      schema: {
                        type: 'object',
                        properties: { id: { type: 'string' }, name: { type: 'string' } },
                      },
                    },
                  },
                },
              },
            },
            delete: {
              parameters: [{ name: 'orderId', in: 'path', required: true, schema: { type: 'integer' } }],
              responses: { 204: { description: 'Gone.' } },
            },
          },
        },
      }),
    )
    await upstream.run('spec', 'import', file)
    await call('/orders/1', 3)
    await vi.waitFor(
      async () =>
        expect(await cli<EndpointView[]>('apis', 'list', '--inventory', 'orphan')).toMatchObject([
          { id: `DELETE ${host}/orders/{orderId}`, calls: 0 },
        ]),
      { timeout: 20_000, interval: 200 },
    )
    const drift = await vi.waitFor(
      async () => {
        const found = await cli<FindingView[]>('findings', 'list', '--rule', 'type-drift')
        expect(found).toMatchObject([{ endpoint: idOf('/orders/{orderId}'), status: 'open' }])
        return found[0] as FindingView
      },
      { timeout: 20_000, interval: 200 },
    )
    await told('findings', 'dismiss', drift.id, '--reason', 'The next version mends it.', '--days', '30')
    expect(await cli('findings', 'list', '--rule', 'type-drift')).toEqual([])
    const detail = await rest<EndpointDetailView>('GET', pathOf('/orders/{orderId}'))
    expect(detail.findings).toMatchObject([{ id: drift.id, status: 'dismissed' }])
  }, 90_000)

  it('tells what changed since', async () => {
    const changes = await cli<{ kind: string; endpoint: string }[]>('apis', 'diff', '--since', '1h')
    expect(changes).toContainEqual(
      expect.objectContaining({ kind: 'endpoint-new', endpoint: idOf('/sync/stock') }),
    )
    expect(await cli('apis', 'diff', '--since', '2099-01-01')).toEqual([])
  }, 60_000)

  it('holds after a restart', async () => {
    const [before] = await cli<FindingView[]>('findings', 'list', '--status', 'dismissed')
    await upstream.restart()
    expect((await cli<PinView[]>('apis', 'pins')).map(({ template }) => template)).toEqual([
      '/sync/{feed}',
      '/sync/stock',
    ])
    await traffic()
    await vi.waitFor(
      async () => {
        const templates = Object.keys(await seen()).sort()
        expect(templates).toEqual(['/orders/{orderId}', '/sync/stock', '/sync/{feed}'])
      },
      { timeout: 20_000, interval: 200 },
    )
    const owners = (await cli<EndpointView[]>('apis', 'list')).flatMap(({ template, labels }) =>
      labels?.owner === undefined ? [] : [`${template} ${labels.owner.value}`],
    )
    expect(owners.sort()).toEqual(['/orders/{orderId} orders', '/sync/{feed} logistics'])
    const [after] = await cli<FindingView[]>('findings', 'list', '--status', 'dismissed')
    expect(after).toMatchObject({
      id: before?.id,
      firstSeen: before?.firstSeen,
      dismissed: before?.dismissed,
    })
    expect(await told('findings', 'reopen', after?.id ?? '')).toMatch(/^Open again: /)
  }, 120_000)

  it('is taken back', async () => {
    for (const { id } of await cli<PinView[]>('apis', 'pins')) await told('apis', 'unpin', id)
    expect(await cli('apis', 'pins')).toEqual([])
    const said = await told('apis', 'set', idOf('/orders/{orderId}'), '--clear', 'owner', 'tags')
    expect(said).not.toContain('owner')
    expect(await cli('apis', 'list', '--owner', 'orders')).toEqual([])
    const { items } = await rest<PageView<{ action: string }>>('GET', '/audit')
    expect([...new Set(items.map(({ action }) => action))].sort()).toEqual(
      [
        'endpoint.label',
        'finding.dismiss',
        'finding.reopen',
        'pin.add',
        'pin.delete',
        'spec.put',
        'token.create',
      ].sort(),
    )
  }, 60_000)
})
