import { readdirSync, readFileSync } from 'node:fs'
import { type SpecData, Validator } from '@seriousme/openapi-schema-validator'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { bearer, invoices, type Sample, sample, samplePolicy } from '../../test/support/sample-server.ts'
import { changes, fullPath, type Method, type Route } from './route.ts'
import { routes } from './routes/index.ts'

let running: Sample

beforeEach(async () => {
  running = await sample()
})

afterEach(async () => {
  await running.close()
})

/** A request to every route that answers at once, with what it needs; in an order that works. */
const requests: readonly {
  readonly route: string
  readonly path?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}[] = [
  { route: 'GET /health' },
  { route: 'POST /session', body: { token: 'viewer-secret' } },
  { route: 'GET /session' },
  { route: 'DELETE /session' },
  { route: 'GET /overview' },
  { route: 'GET /endpoints', path: '/endpoints?q=invoices&limit=1' },
  { route: 'GET /endpoints/{id}', path: `/endpoints/${encodeURIComponent(invoices)}` },
  {
    route: 'PATCH /endpoints/{id}',
    path: `/endpoints/${encodeURIComponent(invoices)}`,
    body: { owner: 'payments', tags: ['core'], reason: 'Agreed.' },
  },
  { route: 'GET /endpoints/{id}/examples', path: `/endpoints/${encodeURIComponent(invoices)}/examples` },
  { route: 'GET /catalog/reviews' },
  { route: 'POST /catalog/pins', body: { host: '*', template: '/users/{id}' } },
  { route: 'GET /catalog/pins' },
  { route: 'DELETE /catalog/pins/{id}', path: '/catalog/pins/<pin>' },
  { route: 'GET /changes', path: '/changes?kind=endpoint-new,field-new&limit=1' },
  { route: 'GET /exports/openapi', path: '/exports/openapi?candidates=true' },
  { route: 'GET /principals' },
  { route: 'GET /principals/{id}', path: '/principals/user%3Amallory' },
  { route: 'GET /calls', path: '/calls?limit=3&status=2xx&not.method=POST' },
  { route: 'GET /calls/export', path: '/calls/export?limit=2' },
  { route: 'GET /calls/histogram', path: '/calls/histogram?bucketMs=1000' },
  { route: 'GET /calls/{id}', path: '/calls/c-3' },
  { route: 'GET /calls/{id}/why', path: '/calls/c-3/why?detector=owner-binding' },
  { route: 'GET /signals', path: '/signals?ids=s-1,s-2' },
  { route: 'GET /incidents', path: '/incidents?status=open' },
  {
    route: 'POST /incidents/{id}/actions',
    path: '/incidents/i-1/actions',
    body: { kind: 'quarantine-principal', target: 'user:mallory', ttlSeconds: 60 },
  },
  { route: 'POST /visits', body: { page: 'incidents' } },
  {
    route: 'POST /incidents/{id}/feedback',
    path: '/incidents/i-1/feedback',
    body: { verdict: 'attack', note: 'Seen before.' },
  },
  {
    route: 'POST /incidents/{id}/dismiss',
    path: '/incidents/i-1/dismiss',
    body: { reason: 'test', note: 'By us.', days: 7 },
  },
  { route: 'GET /suppressions' },
  { route: 'DELETE /suppressions/{id}', path: '/suppressions/<suppression>' },
  { route: 'GET /detectors' },
  { route: 'PATCH /detectors/{id}', path: '/detectors/owner-binding', body: { enabled: true } },
  { route: 'GET /detectors/{id}', path: '/detectors/owner-binding' },
  { route: 'POST /detectors/{id}/test', path: '/detectors/owner-binding/test', body: { options: {} } },
  { route: 'POST /incidents/{id}/close', path: '/incidents/i-1/close', body: { reason: 'A test.' } },
  { route: 'GET /incidents/{id}', path: '/incidents/i-1' },
  { route: 'POST /incidents/{id}/reopen', path: '/incidents/i-1/reopen', body: {} },
  { route: 'GET /findings', path: '/findings?status=open,dismissed&q=drift' },
  { route: 'GET /findings/{id}', path: '/findings/f-1' },
  {
    route: 'POST /findings/{id}/dismiss',
    path: '/findings/f-1/dismiss',
    body: { reason: 'Known.', days: 30 },
  },
  { route: 'POST /findings/{id}/reopen', path: '/findings/f-1/reopen', body: {} },
  {
    route: 'POST /quarantine',
    body: { kind: 'token', target: 'f'.repeat(32), reason: 'Leaked.', ttlSeconds: 60 },
  },
  {
    route: 'POST /quarantine/preview',
    body: { kind: 'principal', target: 'user:mallory' },
  },
  { route: 'GET /quarantine', path: '/quarantine?all=true' },
  {
    route: 'POST /quarantine/{id}/extend',
    path: '/quarantine/<quarantine>/extend',
    body: { ttlSeconds: 3_600 },
  },
  { route: 'DELETE /quarantine/{id}', path: '/quarantine/<quarantine>' },
  {
    route: 'PUT /policies/{name}',
    path: '/policies/no-export',
    body: { source: samplePolicy('shadow') },
    headers: { 'if-none-match': '*' },
  },
  { route: 'GET /policies', path: '/policies?rollout=true' },
  { route: 'GET /language/policy' },
  { route: 'GET /policies/{name}', path: '/policies/no-export' },
  { route: 'POST /policies/check', body: { source: 'nonsense' } },
  {
    route: 'POST /policies/simulate',
    body: { source: samplePolicy('shadow'), since: '2026-11-22T10:00:10Z' },
  },
  {
    route: 'POST /policies/{name}/promote',
    path: '/policies/no-export/promote',
    body: { override: 'A test.' },
  },
  {
    route: 'POST /policies/{name}/rollback',
    path: '/policies/no-export/rollback',
    body: {},
  },
  { route: 'POST /policies/recommend', body: { incident: 'i-1' } },
  { route: 'GET /policies/{name}/history', path: '/policies/no-export/history' },
  { route: 'DELETE /policies/{name}', path: '/policies/no-export', headers: { 'if-match': '"3"' } },
  {
    route: 'POST /specs',
    body: {
      name: 'shop.json',
      source: '{"openapi":"3.1.0","info":{"title":"Shop","version":"1"},"paths":{}}',
    },
  },
  { route: 'GET /specs' },
  { route: 'DELETE /specs/{name}', path: '/specs/shop.json' },
  {
    route: 'GET /decisions',
    path: '/decisions?action=block&phase=request&mode=enforce&until=2026-11-23T10:00:00Z',
  },
  { route: 'GET /decisions/summary' },
  { route: 'GET /decisions/{id}', path: '/decisions/d-1' },
  { route: 'GET /sensors' },
  { route: 'GET /graph', path: '/graph?focus=workload:shop/billing&depth=3&declared=true&kinds=calls,reads' },
  { route: 'GET /graph/paths', path: '/graph/paths?from=internet&to=store:*&days=7' },
  { route: 'GET /graph/reach', path: '/graph/reach?node=workload:shop/billing' },
  { route: 'GET /graph/nodes', path: '/graph/nodes?kind=store&limit=1' },
  { route: 'GET /graph/entitlements', path: '/graph/entitlements?unused=true&days=30' },
  { route: 'GET /graph/export' },
  { route: 'GET /recommendations', path: '/recommendations?node=workload:shop/billing&kind=networkpolicy' },
  { route: 'GET /workloads' },
  { route: 'GET /workloads/{id}', path: `/workloads/${encodeURIComponent('shop/billing')}` },
  { route: 'GET /events', path: '/events?workload=shop/billing' },
  { route: 'GET /audit' },
  { route: 'POST /tokens', body: { name: 'ci', role: 'viewer' } },
  { route: 'GET /tokens' },
  { route: 'DELETE /tokens/{id}', path: '/tokens/<token>' },
  { route: 'PUT /bypass', body: { on: true } },
  { route: 'GET /bypass' },
  { route: 'GET /openapi.json' },
  { route: 'GET //metrics' },
]

const nameOf = (route: Route): string => `${route.method} ${route.path}`
const byName = new Map(routes.map(route => [nameOf(route), route]))

describe('the registry', () => {
  it('holds what the folder holds, and nothing twice', () => {
    const folder = new URL('./routes/', import.meta.url)
    let declared = 0
    for (const file of readdirSync(folder)) {
      if (file === 'index.ts') continue
      declared += readFileSync(new URL(file, folder), 'utf8').match(/= defineRoute\(/g)?.length ?? 0
    }
    expect(declared).toBe(routes.length)
    expect(byName.size).toBe(routes.length)
  })

  it('names an audit action for every route that changes something, and no other', () => {
    for (const route of routes)
      expect([nameOf(route), route.audit !== undefined]).toEqual([nameOf(route), changes(route)])
    expect(routes.filter(changes).length).toBeGreaterThanOrEqual(12)
  })

  it('has what people script against', () => {
    const promised = [
      ...['/health', '/overview', '/endpoints', '/endpoints/{id}', '/principals', '/workloads'],
      ...['/graph', '/graph/paths', '/calls', '/calls/{id}', '/signals', '/incidents', '/incidents/{id}'],
      ...['/findings', '/policies', '/policies/{name}', '/decisions', '/quarantine', '/specs'],
      ...['/exports/openapi', '/sensors', '/audit', '/tokens', '/live', '/openapi.json', '//metrics'],
    ].map(path => `GET ${path}`)
    for (const name of [...promised, 'POST /policies/simulate']) expect([...byName.keys()]).toContain(name)
  })
})

describe('every route', () => {
  it('answers as its schema says, and leaves an audit record when it changes something', async () => {
    let quarantine = ''
    let token = ''
    let pin = ''
    let suppression = ''
    const missed = new Set(byName.keys())
    for (const { route: name, path, body, headers } of requests) {
      const route = byName.get(name)
      expect(route, name).toBeDefined()
      if (route === undefined) continue
      const before = await running.backend.state.auditLog({ limit: 1 })
      const url = (path === undefined ? fullPath(route) : `/api/v1${path}`)
        .replace('<quarantine>', quarantine)
        .replace('<token>', token)
        .replace('<pin>', pin)
        .replace('<suppression>', suppression)
      const answer = await running.app.inject({
        method: route.method,
        url,
        headers: { ...bearer('admin'), ...headers },
        ...(body === undefined ? {} : { payload: body as object }),
      })
      expect([name, answer.statusCode, answer.statusCode >= 400 ? answer.body : '']).toEqual([
        name,
        route.status ?? 200,
        '',
      ])
      if (!('mediaType' in route.response)) {
        const told: unknown = answer.json()
        // What the schema does not know is dropped by parsing, so equality finds it.
        expect((route.response as z.ZodType).parse(told), name).toEqual(told)
        if (name === 'POST /quarantine') quarantine = (told as { id: string }).id
        if (name === 'POST /catalog/pins') pin = (told as { id: string }).id
        if (name === 'GET /suppressions')
          suppression = (told as { items: { id: string }[] }).items[0]?.id ?? ''
        if (name === 'POST /tokens') token = (told as { id: string }).id
      }
      const after = await running.backend.state.auditLog({ limit: 1 })
      if (changes(route)) {
        expect(after.items[0]?.action, name).toBe(route.audit)
        expect(after.items[0]?.sequence, name).toBeGreaterThan(before.items[0]?.sequence ?? 0)
      } else expect(after, name).toEqual(before)
      missed.delete(name)
    }
    // The live feed does not end by itself: it has a test over a socket.
    expect([...missed]).toEqual(['GET /live'])
    expect(await running.backend.state.verifyAudit()).toBeUndefined()
  })

  it('asks strangers for a token, and those without the role to leave', async () => {
    let asked = 0
    for (const route of routes) {
      if (route.role === 'public') continue
      const url = fullPath(route).replaceAll(/\{[a-z]+\}/g, 'x')
      const stranger = await running.app.inject({ method: route.method, url })
      expect([nameOf(route), stranger.statusCode]).toEqual([nameOf(route), 401])
      expect(stranger.headers['content-type']).toBe('application/problem+json')
      expect(stranger.headers['www-authenticate']).toContain('Bearer')
      if (route.role === 'viewer') continue
      const viewer = await running.app.inject({ method: route.method, url, headers: bearer('viewer') })
      expect([nameOf(route), viewer.statusCode]).toEqual([nameOf(route), 403])
      asked += 1
    }
    expect(asked).toBe(29)
  })

  it('is in a valid OpenAPI 3.1 document, which describes no other', async () => {
    const answer = await running.app.inject({ url: '/api/v1/openapi.json', headers: bearer('viewer') })
    const document = answer.json<{
      paths: Record<string, Record<string, unknown>>
      components: { schemas: Record<string, unknown> }
    }>()
    const { Problem, ...shapes } = document.components.schemas
    expect(Problem).toBeDefined()
    expect(Object.keys(shapes)).toEqual(Object.keys(shapes).sort())
    expect(Object.keys(shapes).length).toBeGreaterThan(80)
    const result = await new Validator().validate(answer.json<SpecData>())
    expect(result.errors ?? []).toEqual([])
    expect(result.valid).toBe(true)
    const documented = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map(method => `${method.toUpperCase()} ${path}`),
    )
    expect(documented.sort()).toEqual(routes.map(route => `${route.method} ${fullPath(route)}`).sort())
    for (const one of documented) {
      const [method = '', path = ''] = one.split(' ')
      expect(
        running.app.hasRoute({ method: method as Method, url: path.replaceAll(/\{([a-zA-Z]+)\}/g, ':$1') }),
        one,
      ).toBe(true)
    }
  })

  it('never fails inside, whatever ids, cursors, limits and filters it is given', async () => {
    const lists = routes.filter(route => route.method === 'GET' && route.path !== '/live')
    const odd = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.integer().map(String),
      fc.base64String({ maxLength: 40 }),
      fc.json().map(text => Buffer.from(text).toString('base64url')),
      fc.constantFrom(
        '1e400',
        '-0',
        'NaN',
        '__proto__',
        'eA',
        Buffer.from('9007199254740993:x').toString('base64url'),
      ),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...lists),
        odd,
        fc.dictionary(
          fc.constantFrom(
            'cursor',
            'limit',
            'since',
            'until',
            'ids',
            'status',
            'not.status',
            'q',
            'text',
            'bucketMs',
            'all',
            'host',
          ),
          odd,
          { maxKeys: 3 },
        ),
        async (route, id, query) => {
          const path = fullPath(route).replaceAll(/\{[a-z]+\}/g, () => encodeURIComponent(id.toWellFormed()))
          const known = new Set(
            Object.keys(
              route.query !== undefined && 'shape' in route.query ? (route.query.shape as object) : {},
            ),
          )
          const search = new URLSearchParams(Object.entries(query).filter(([key]) => known.has(key)))
          const answer = await running.app.inject({ url: `${path}?${search}`, headers: bearer('admin') })
          expect(answer.statusCode, `${path}?${search} ${answer.body}`).toBeLessThan(500)
        },
      ),
      { numRuns: 400 },
    )
  })
})
