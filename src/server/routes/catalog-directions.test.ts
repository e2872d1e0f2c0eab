import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bearer, invoices, type Sample, sample } from '../../../test/support/sample-server.ts'
import type { MergeReview } from '../../catalog/directions/merge-review.ts'
import type { EndpointView } from '../api/endpoint.ts'
import type { PageView } from '../api/page.ts'
import type { PinView } from '../api/pin.ts'

let running: Sample

beforeEach(async () => {
  running = await sample()
})

afterEach(async () => {
  await running.close()
})

type Role = 'viewer' | 'analyst'
const send = (
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  url: string,
  body?: unknown,
  role: Role = 'analyst',
) =>
  running.app.inject({
    method,
    url: `/api/v1${url}`,
    headers: { ...bearer(role), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
  })

const actions = async (): Promise<readonly string[]> =>
  (await running.backend.state.auditLog({})).items.map(({ action, target }) => `${action} ${target}`)

describe('pins', () => {
  const host = 'api.shop.example'
  const add = (template: string, more: object = {}) =>
    send('POST', '/catalog/pins', { host, template, ...more })
  const list = async () =>
    (await send('GET', '/catalog/pins', undefined, 'viewer')).json<{ items: PinView[] }>().items

  it('are added, listed and taken back, and analysis hears of each', async () => {
    const made = await add('/users//{id}', { reason: 'One person each.' })
    expect(made.statusCode).toBe(201)
    const pin = made.json<PinView>()
    expect(pin).toEqual({
      id: expect.stringMatching(/^pin-[0-9a-f]{16}$/),
      host,
      template: '/users/{id}',
      at: '2026-11-22T10:01:00.000Z',
      by: 'token:analyst',
    })
    await add('/users/me')
    expect((await list()).map(({ template }) => template).sort()).toEqual(['/users/me', '/users/{id}'])
    const gone = await send('DELETE', `/catalog/pins/${pin.id}`)
    expect([gone.statusCode, gone.body]).toEqual([204, ''])
    expect((await list()).map(({ template }) => template)).toEqual(['/users/me'])
    expect(running.backend.changes).toEqual(['catalog', 'catalog', 'catalog'])
    expect(await actions()).toEqual([
      `pin.delete ${pin.id}`,
      expect.stringMatching(/^pin\.add pin-/),
      `pin.add ${pin.id}`,
    ])
  })

  it('of the catalog file are listed and cannot be deleted', async () => {
    running.backend.pins.push({ id: 'file:*/v1/{tenant}', host: '*', template: '/v1/{tenant}' })
    expect(await list()).toEqual([
      {
        id: 'file:*/v1/{tenant}',
        host: '*',
        template: '/v1/{tenant}',
        at: '2026-11-22T10:00:00.000Z',
        by: 'file:catalog.yaml',
      },
    ])
    const refused = await send('DELETE', `/catalog/pins/${encodeURIComponent('file:*/v1/{tenant}')}`)
    expect([refused.statusCode, refused.json().mend]).toEqual([
      409,
      'Take it out of catalog.yaml and start Sallyport again.',
    ])
  })

  it('are refused with what is wrong and the mend', async () => {
    await add('/users/{id}')
    await add('/files/{from}..{to}')
    const { id } = (await list())[0] as PinView
    const rows: readonly (readonly [body: object, status: number, where: string, says: RegExp])[] = [
      [{ host, template: '/users/{id}' }, 409, id, /pinned already/],
      [{ host: host.toUpperCase(), template: '/users/{userId}/posts' }, 409, id, /\{id\}.*\{userId\}/],
      [{ host, template: 'users/{id}' }, 400, 'body.template', /leading slash/],
      [{ host, template: '/users/{}' }, 400, 'body.template', /no name/],
      [{ host: 'not a host', template: '/users/{id}' }, 400, 'body.host', /not a host/],
      [{ host, template: '/users/{id}', why: 'x' }, 400, 'body.why', /no body field/],
      [{ host }, 400, 'body.template', /not usable/],
      [{ host, template: '/users/{id}', reason: ' ' }, 400, 'body.reason', /not usable/],
    ]
    let ran = 0
    for (const [body, status, where, says] of rows) {
      const answer = await send('POST', '/catalog/pins', body)
      const problem = answer.json<{ where: string; title: string; mend: string }>()
      expect([body, answer.statusCode, problem.where]).toEqual([body, status, where])
      expect(problem.title).toMatch(says)
      expect(problem.mend).toMatch(/[.?]$/)
      ran += 1
    }
    expect(ran).toBe(8)
    // A literal beside a placeholder, another shape and another host contradict nothing.
    for (const [template, at] of [
      ['/users/me', host],
      ['/files/{name}', host],
      ['/users/{userId}', 'elsewhere.example'],
    ])
      expect((await send('POST', '/catalog/pins', { host: at, template })).statusCode).toBe(201)
    expect((await send('DELETE', '/catalog/pins/none')).statusCode).toBe(404)
    expect((await send('POST', '/catalog/pins', { host, template: '/x' }, 'viewer')).statusCode).toBe(403)
    expect((await send('DELETE', `/catalog/pins/${id}`, undefined, 'viewer')).statusCode).toBe(403)
  })
})

describe('reviews', () => {
  const review = (id: string, calls: number, more: Partial<MergeReview> = {}): MergeReview => ({
    id,
    host: 'api.shop.example',
    state: 'apart',
    template: '/reports/{report}',
    words: ['daily', 'Weekly'],
    count: 2,
    methods: ['GET'],
    calls,
    evidence: [{ term: 'shape', nats: 1.5, why: 'They answer alike.' }],
    nats: 1.5,
    threshold: 3,
    ...more,
  })

  it('come in the order of the work they are, filtered, as they are', async () => {
    running.backend.reviews.push(
      review('a', 5),
      review('b', 9, { state: 'pinned', pin: 'pin-1', template: '/users/{id}', words: ['me'] }),
      review('c', 7, { host: 'other.example', state: 'merged' }),
      review('d', 1, { template: '/plans/{plan}', words: ['gold'], nats: 2.5 }),
    )
    const ids = async (query: string) => {
      const answer = await send('GET', `/catalog/reviews${query}`, undefined, 'viewer')
      expect([query, answer.statusCode]).toEqual([query, 200])
      return answer.json<PageView<MergeReview>>().items.map(({ id }) => id)
    }
    const rows: readonly (readonly [query: string, ids: readonly string[]])[] = [
      ['', ['c', 'd', 'a', 'b']],
      ['?limit=2', ['c', 'd']],
      ['?state=pinned', ['b']],
      ['?host=other.example', ['c']],
      ['?q=weekly', ['c', 'a']],
      ['?q=/USERS', ['b']],
      ['?q=none', []],
    ]
    for (const [query, found] of rows) expect([query, await ids(query)]).toEqual([query, found])
    expect(rows).toHaveLength(7)
    expect((await send('GET', '/catalog/reviews?state=lost')).statusCode).toBe(400)
    const all = await send('GET', '/catalog/reviews')
    expect(all.json<PageView<MergeReview>>().items[2]).toEqual(review('a', 5))
    const first = await send('GET', '/catalog/reviews?limit=2')
    const { cursor } = first.json<PageView<MergeReview>>()
    expect(await ids(`?limit=5&cursor=${cursor}`)).toEqual(['a', 'b'])
  })
})

describe('a word on an endpoint', () => {
  const at = `/endpoints/${encodeURIComponent(invoices)}`
  const kept = async () =>
    (await running.backend.state.directions()).map(({ id, kind, body, by }) => [
      id,
      kind,
      JSON.parse(body),
      by,
    ])

  it('is kept with those before it, and taken back by null', async () => {
    const first = await send('PATCH', at, { owner: ' payments ', tags: ['core', 'pci'], reason: 'Agreed.' })
    expect([first.statusCode, first.json<EndpointView>().id]).toEqual([200, invoices])
    await send('PATCH', at, { owner: null, criticality: 'payment' })
    expect(await kept()).toEqual([
      [
        invoices,
        'override',
        { endpoint: invoices, tags: ['core', 'pci'], criticality: 'payment', reason: 'Agreed.' },
        'token:analyst',
      ],
    ])
    await send('PATCH', at, { tags: null, criticality: null })
    expect(await kept()).toEqual([])
    expect(running.backend.changes).toEqual(['catalog', 'catalog', 'catalog'])
    expect(await actions()).toEqual(Array(3).fill(`endpoint.label ${invoices}`))
  })

  it('is refused where it cannot be', async () => {
    const rows: readonly (readonly [body: object, where: string])[] = [
      [{}, 'body'],
      [{ reason: 'Only a reason.' }, 'body'],
      [{ owner: '' }, 'body.owner'],
      [{ owner: 'a\u0007b' }, 'body.owner'],
      [{ owner: 'x'.repeat(81) }, 'body.owner'],
      [{ criticality: 'utmost' }, 'body.criticality'],
      [{ tags: Array.from({ length: 21 }, (_, index) => `t${index}`) }, 'body.tags'],
      [{ ownr: 'x' }, 'body.ownr'],
    ]
    let ran = 0
    for (const [body, where] of rows) {
      const answer = await send('PATCH', at, body)
      expect([body, answer.statusCode, answer.json<{ where: string }>().where]).toEqual([body, 400, where])
      ran += 1
    }
    expect(ran).toBe(8)
    expect((await send('PATCH', '/endpoints/none', { owner: 'x' })).statusCode).toBe(404)
    expect((await send('PATCH', at, { owner: 'x' }, 'viewer')).statusCode).toBe(403)
    expect(await kept()).toEqual([])
  })
})
