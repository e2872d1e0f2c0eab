import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  bearer,
  incident,
  type Sample,
  sample,
  samplePolicy,
  start,
  tokens,
} from '../../test/support/sample-server.ts'
import { dataClasses } from '../catalog/data-classes/index.ts'
import type { Incident } from '../detect/incident.ts'
import { FindingsKeeper } from '../engine/findings-keeper.ts'
import { reopenThoseGoingOn } from '../engine/reopen.ts'
import { CounterSet } from '../kit/counters.ts'
import { principalId, type SignalId } from '../kit/id.ts'
import type { CallView } from './api/call.ts'
import type { IncidentDetailView } from './api/incident.ts'
import type { OverviewView } from './api/overview.ts'
import type { PageView } from './api/page.ts'
import type { PolicyView } from './api/policy.ts'
import { ApiClient } from './client.ts'
import { prometheusText } from './metrics.ts'
import { headline, tellingData } from './views/headline.ts'
import { sortedPage } from './views/sorted-page.ts'

let running: Sample

beforeEach(async () => {
  running = await sample()
})

afterEach(async () => {
  await running.close()
})

const ask = (url: string, role: 'viewer' | 'analyst' | 'admin' = 'viewer') =>
  running.app.inject({ url: `/api/v1${url}`, headers: bearer(role) })

describe('problems', () => {
  const rows: readonly [
    method: 'GET' | 'POST' | 'PUT',
    url: string,
    payload: string | undefined,
    status: number,
    where: string,
  ][] = [
    ['GET', '/calls?limit=0', undefined, 400, 'query.limit'],
    ['GET', '/calls?limit=1001', undefined, 400, 'query.limit'],
    ['GET', '/calls?limit=ten', undefined, 400, 'query.limit'],
    ['GET', '/calls?cursor=nonsense', undefined, 400, 'cursor'],
    ['GET', '/endpoints?cursor=nonsense', undefined, 400, 'cursor'],
    ['GET', '/calls?since=yesterday', undefined, 400, 'query.since'],
    ['GET', '/calls?princpal=x', undefined, 400, 'query.princpal'],
    ['GET', '/calls?status=abc', undefined, 400, 'query.status'],
    ['GET', '/incidents?status=lost', undefined, 400, 'query.status'],
    ['GET', '/calls/histogram?since=0&bucketMs=1000', undefined, 400, 'query.bucketMs'],
    ['PUT', '/bypass', '{"on":"yes"}', 400, 'body.on'],
    ['PUT', '/bypass', '{"on":true,"of":1}', 400, 'body.of'],
    [
      'POST',
      '/quarantine',
      '{"kind":"principal","target":"user:x","reason":"r","ttlSeconds":1}',
      400,
      'ttlSeconds',
    ],
    [
      'POST',
      '/quarantine',
      '{"kind":"token","target":"the secret itself","reason":"r","ttlSeconds":60}',
      400,
      'target',
    ],
    [
      'POST',
      '/incidents/i-1/actions',
      '{"kind":"quarantine-principal","target":"user:alice"}',
      400,
      'body.kind',
    ],
    [
      'POST',
      '/incidents/i-1/actions',
      '{"kind":"block-endpoint","target":"GET api.shop.example/invoices/{invoiceId}"}',
      400,
      'kind',
    ],
    ['GET', '/incidents/none', undefined, 404, 'none'],
  ]

  it('name the field, the place and the mend', async () => {
    let ran = 0
    for (const [method, url, payload, status, where] of rows) {
      const answer = await running.app.inject({
        method,
        url: `/api/v1${url}`,
        headers: {
          ...bearer('admin'),
          ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(payload === undefined ? {} : { payload }),
      })
      const problem = answer.json<{ where: string; mend: string; title: string; status: number }>()
      expect([url, answer.statusCode, problem.where]).toEqual([url, status, where])
      expect(problem.mend, url).toMatch(/[.?]$/)
      expect(answer.headers['content-type']).toBe('application/problem+json')
      ran += 1
    }
    expect(ran).toBe(17)
    expect((await ask('/calls?princpal=x')).json()).toMatchObject({ mend: 'Did you mean "principal"?' })
  })

  it('answer what the framework refuses, too', async () => {
    const send = (payload: string, contentType = 'application/json') =>
      running.app.inject({
        method: 'PUT',
        url: '/api/v1/bypass',
        payload,
        headers: { ...bearer('admin'), 'content-type': contentType },
      })
    expect((await send('{"on":')).json()).toMatchObject({
      status: 400,
      type: 'urn:sallyport:error:request:malformed',
    })
    expect((await send('{"__proto__":{"on":true}}')).statusCode).toBe(400)
    expect((await send('on=true', 'application/x-www-form-urlencoded')).statusCode).toBe(415)
    expect((await send(`"${'x'.repeat(1_048_576)}"`)).json()).toMatchObject({ status: 413 })
    expect((await running.app.inject({ url: '/api/v1/%zz', headers: bearer('admin') })).statusCode).toBe(400)
    const unknown = await running.app.inject({ method: 'DELETE', url: '/api/v1/nowhere' })
    expect([unknown.statusCode, unknown.headers['content-type']]).toEqual([404, 'application/problem+json'])
  })

  it('tell nothing of what broke inside, and log it', async () => {
    const lines: string[] = []
    const broken = await sample({ log: line => lines.push(line) })
    broken.backend.stats = () => {
      throw new Error('password is hunter2')
    }
    const answer = await broken.app.inject({ url: '/api/v1/overview', headers: bearer('viewer') })
    expect(answer.statusCode).toBe(500)
    expect(answer.json()).toEqual({
      type: 'urn:sallyport:error:internal:defect',
      title: 'Something went wrong inside Sallyport.',
      status: 500,
    })
    expect(lines.join()).toContain('hunter2')
    await broken.close()
  })

  it('answer bytes that are no HTTP with a problem document', async () => {
    const { port } = await running.server.listen()
    const socket = connect(port, '127.0.0.1')
    socket.setEncoding('utf8').write('NOT HTTP AT ALL\r\n\r\n')
    let text = ''
    for await (const chunk of socket) text += chunk
    expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
    expect(JSON.parse(text.split('\r\n\r\n')[1] ?? '')).toMatchObject({ status: 400 })
  })
})

describe('policies', () => {
  const url = '/api/v1/policies/no-export'
  const put = (source: string, headers: Record<string, string> = {}) =>
    running.app.inject({
      method: 'PUT',
      url,
      payload: {
        source: source === 'nonsense' ? source : samplePolicy(source.slice(6)),
        override: 'A test.',
      },
      headers: { ...bearer('analyst'), ...headers },
    })

  it('change only from the version that was read', async () => {
    expect((await put('mode: shadow')).statusCode).toBe(428)
    expect((await put('mode: shadow', { 'if-match': '"1"' })).statusCode).toBe(412)
    const created = await put('mode: shadow', { 'if-none-match': '*' })
    expect([created.statusCode, created.headers.etag]).toEqual([200, '"1"'])
    expect(created.json<PolicyView>()).toMatchObject({
      version: 1,
      updatedBy: 'token:analyst',
      effect: { decisions: 1, principals: 1 },
    })
    expect((await put('mode: enforce', { 'if-none-match': '*' })).statusCode).toBe(412)
    expect((await put('mode: enforce', { 'if-match': '"7"' })).statusCode).toBe(412)
    expect((await put('mode: enforce', { 'if-match': '"1"' })).headers.etag).toBe('"2"')
    expect((await put('mode: enforce', { 'if-match': '*' })).headers.etag).toBe('"3"')
    expect(running.backend.changes).toEqual(['policies', 'policies', 'policies'])
    const headers = bearer('viewer')
    expect(
      (await running.app.inject({ url, headers: { ...headers, 'if-none-match': '"3"' } })).statusCode,
    ).toBe(304)
    expect(
      (await running.app.inject({ url, headers: { ...headers, 'if-none-match': '"2"' } })).statusCode,
    ).toBe(200)
    const remove = (extra: Record<string, string>) =>
      running.app.inject({ method: 'DELETE', url, headers: { ...bearer('analyst'), ...extra } })
    expect((await remove({})).statusCode).toBe(428)
    expect((await remove({ 'if-match': '"1"' })).statusCode).toBe(412)
    expect((await remove({ 'if-match': '"3"' })).statusCode).toBe(204)
    expect((await remove({ 'if-match': '"3"' })).statusCode).toBe(404)
  })

  it('are not stored when they cannot be read, and say where', async () => {
    const answer = await put('nonsense', { 'if-none-match': '*' })
    expect([answer.statusCode, answer.json<{ where: string }>().where]).toEqual([422, 'body.source:1:1'])
    expect(await running.backend.state.policies()).toEqual([])
    expect(running.backend.changes).toEqual([])
  })
})

describe('incidents', () => {
  it('are contained by an action, open again when it is undone, and closed by a person', async () => {
    const send = (method: 'POST' | 'DELETE', path: string, payload?: object) =>
      running.app.inject({
        method,
        url: `/api/v1${path}`,
        headers: bearer('analyst'),
        ...(payload === undefined ? {} : { payload }),
      })
    const show = async () => (await ask('/incidents/i-1')).json<IncidentDetailView>()
    expect((await show()).status).toBe('open')
    const act = { kind: 'quarantine-principal', target: 'user:mallory' }
    const first = (await send('POST', '/incidents/i-1/actions', act)).json<{
      quarantine: { id: string; expiresAt: string }
    }>()
    expect(first.quarantine.expiresAt).toBe(new Date(start + 60_000 + 3_600_000).toISOString())
    const again = (await send('POST', '/incidents/i-1/actions', { ...act, ttlSeconds: 7_200 })).json<
      typeof first
    >()
    expect(again.quarantine.id).toBe(first.quarantine.id)
    expect((await show()).status).toBe('contained')
    expect((await ask('/principals/user:mallory')).json()).toMatchObject({ quarantine: { incident: 'i-1' } })
    expect((await ask('/incidents?status=open')).json<PageView<unknown>>().items).toEqual([])
    await send('DELETE', `/quarantine/${first.quarantine.id}`)
    expect((await show()).status).toBe('open')
    await send('POST', '/incidents/i-1/close', { reason: 'A support case.' })
    const closed = await show()
    expect(closed.status).toBe('closed')
    expect(closed.resolution).toEqual({
      reason: 'A support case.',
      at: new Date(start + 60_000).toISOString(),
      by: 'token:analyst',
    })
    expect(closed.history.map(record => record.action)).toEqual([
      'incident.close',
      'quarantine.release',
      'incident.act',
      'incident.act',
    ])
    expect(closed.calls.map(call => call.id)).toEqual(['c-0', 'c-3'])
    expect(closed.whenNotAnAttack).toHaveLength(1)
    await send('POST', '/incidents/i-1/reopen', {})
    expect((await show()).status).toBe('open')
    expect(running.backend.changes).toEqual([
      'quarantine',
      'quarantine',
      'quarantine',
      'resolutions',
      'resolutions',
    ])
  })

  it('open again where they go on after they were closed, and say why', async () => {
    const { state, clock } = running.backend
    const changed = { revision: 1, at: start, worseAt: start }
    await state.putFindings({ signals: [], incidents: [{ ...incident, changed }] })
    const close = () =>
      running.app.inject({
        method: 'POST',
        url: '/api/v1/incidents/i-1/close',
        headers: bearer('analyst'),
        payload: { reason: 'Agreed.' },
      })
    const show = async () => (await ask('/incidents/i-1')).json<IncidentDetailView>()
    const keeper = new FindingsKeeper(
      state,
      new CounterSet(),
      () => {},
      async stored => {
        await reopenThoseGoingOn(state, stored, clock.now())
      },
    )
    const grow = async (more: Partial<Incident>) => {
      keeper.add([], [{ ...incident, changed, ...more }], [])
      await keeper.flush()
      return await show()
    }
    expect((await close()).statusCode).toBe(200)
    const closedAt = clock.now()
    expect((await grow({ updated: closedAt + 60_000 })).status).toBe('closed')
    const worse = await grow({ changed: { revision: 2, at: closedAt + 1_000, worseAt: closedAt + 1_000 } })
    expect([worse.status, worse.resolution]).toEqual(['open', undefined])
    expect(worse.history[0]).toMatchObject({
      action: 'incident.reopen',
      actor: 'sallyport',
      detail: {
        reason: 'it went on after it was closed, and is worse: 1 signal, risk 92',
        closed: 'Agreed.',
        by: 'token:analyst',
      },
    })
    expect((await ask('/incidents')).json<PageView<unknown>>().items).toHaveLength(1)

    await close()
    const late = { changed: { revision: 2, at: start, worseAt: start }, updated: closedAt + 1_800_000 }
    expect((await grow(late)).history[0]?.detail.reason).toBe(
      'its actor still went on 30 minutes after it was closed',
    )

    await running.app.inject({
      method: 'POST',
      url: '/api/v1/incidents/i-1/actions',
      headers: bearer('analyst'),
      payload: { kind: 'quarantine-principal', target: 'user:mallory' },
    })
    await close()
    expect((await grow({ ...late, updated: closedAt + 3_000_000 })).status).toBe('closed')
  })

  it('stay closed where a dismissal closed them', async () => {
    const { state, clock } = running.backend
    await running.app.inject({
      method: 'POST',
      url: '/api/v1/incidents/i-1/dismiss',
      headers: bearer('analyst'),
      payload: { reason: 'test' },
    })
    const grown = { ...incident, changed: { revision: 9, at: clock.now(), worseAt: clock.now() } }
    expect(await reopenThoseGoingOn(state, [grown], clock.now())).toEqual([])
    expect((await ask('/incidents/i-1')).json<IncidentDetailView>().status).toBe('closed')
  })

  it('are found by who is named in them, and signals by whether they were held back', async () => {
    const { state } = running.backend
    const [signal] = (await state.signals({})).items
    await state.putFindings({
      signals: [{ ...signal!, id: 's-2' as SignalId, held: { score: 0.3, threshold: 0.5 } }],
      incidents: [{ ...incident, id: 'i-2' as typeof incident.id, principals: [principalId('user', 'eve')] }],
    })
    const ids = async (path: string) =>
      (await ask(path)).json<PageView<{ id: string }>>().items.map(({ id }) => id)
    expect(await ids('/incidents?principal=user:eve')).toEqual(['i-2'])
    expect(await ids('/incidents?principal=user:nobody')).toEqual([])
    expect((await ids('/incidents')).sort()).toEqual(['i-1', 'i-2'])
    expect(await ids('/signals?held')).toEqual(['s-2'])
    expect(await ids('/signals?held=false')).toEqual(['s-1'])
    expect((await ids('/signals')).sort()).toEqual(['s-1', 's-2'])
  })

  it('page by status, each once, though the store does not know the status', async () => {
    const { state } = running.backend
    const many = Array.from({ length: 30 }, (_, index) => ({
      ...incident,
      id: `n-${index}` as typeof incident.id,
      updated: start + index,
    }))
    await state.putFindings({ signals: [], incidents: many })
    for (const { id } of many.filter((_, index) => index % 3 === 0)) {
      await state.putResolution({ incident: id, status: 'closed', reason: 'x', at: start, by: 'test' })
    }
    const found: string[] = []
    let cursor: string | undefined
    do {
      const page = (
        await ask(`/incidents?status=closed&limit=4${cursor === undefined ? '' : `&cursor=${cursor}`}`)
      ).json<PageView<{ id: string }>>()
      expect(page.items.length).toBeLessThanOrEqual(4)
      found.push(...page.items.map(item => item.id))
      cursor = page.cursor
    } while (cursor !== undefined)
    expect(found).toEqual(
      many
        .filter((_, index) => index % 3 === 0)
        .map(({ id }) => id as string)
        .reverse(),
    )
  })

  it('are shown without their calls while the call store is away', async () => {
    running.backend.calls.query = () => Promise.reject(Object.assign(new Error('gone')))
    expect((await ask('/incidents/i-1')).statusCode).toBe(500)
    const { SallyportError } = await import('../kit/error.ts')
    running.backend.calls.query = () => Promise.reject(new SallyportError('store/unavailable', 'Gone.'))
    const shown = (await ask('/incidents/i-1')).json<IncidentDetailView>()
    expect(shown.calls).toEqual([])
    expect(shown.unsure).toEqual(['The recorded calls cannot be read at the moment.'])
  })
})

describe('lists in memory', () => {
  it('give every item once, whatever the page size', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.record({ id: fc.string(), rank: fc.integer({ min: 0, max: 3 }) }), {
          selector: item => item.id,
          maxLength: 40,
        }),
        fc.integer({ min: 1, max: 12 }),
        (items, limit) => {
          const found: typeof items = []
          let cursor: string | undefined
          do {
            const page = sortedPage(items, item => [item.rank, item.id], { limit, cursor })
            found.push(...page.items)
            cursor = page.cursor
          } while (cursor !== undefined)
          expect(found).toHaveLength(items.length)
          expect(new Set(found)).toEqual(new Set(items))
          for (const [index, item] of found.entries())
            expect(item.rank).toBeLessThanOrEqual(found[index - 1]?.rank ?? 3)
        },
      ),
    )
  })
})

describe('the console', () => {
  it('is a page that says how to build it, until it is built', async () => {
    for (const url of ['/', '/sign-in?code=x', '/incidents/i-1']) {
      const answer = await running.app.inject(url)
      expect([url, answer.statusCode]).toEqual([url, 200])
      expect(answer.body).toContain('npm run build')
    }
    expect((await running.app.inject('/assets/app.js')).statusCode).toBe(404)
    expect((await running.app.inject({ method: 'POST', url: '/' })).statusCode).toBe(404)
  })

  it('is served with its assets, and nothing beside it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'console-'))
    const directory = join(folder, 'dist')
    mkdirSync(join(directory, 'assets'), { recursive: true })
    writeFileSync(join(folder, 'secret.txt'), 'secret')
    writeFileSync(join(directory, '.env'), 'secret')
    writeFileSync(join(directory, 'index.html'), '<!doctype html><title>built</title>')
    writeFileSync(join(directory, 'assets', 'app-1a2b.js'), 'export {}')
    const built = await sample({ consoleDirectory: directory })
    const page = await built.app.inject('/apis/anything')
    expect([page.statusCode, page.headers['cache-control']]).toEqual([200, 'no-cache'])
    expect(page.body).toContain('built')
    expect(page.headers['content-security-policy']).toContain("script-src 'self';")
    expect(page.headers['content-security-policy']).toContain("frame-ancestors 'none'")
    const asset = await built.app.inject('/assets/app-1a2b.js')
    expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect(asset.headers['x-content-type-options']).toBe('nosniff')
    for (const url of [
      '/../secret.txt',
      '/..%2fsecret.txt',
      '/.env',
      '/assets/../../secret.txt',
      '/%2e%2e/secret.txt',
    ]) {
      expect((await built.app.inject(url)).body, url).not.toBe('secret')
    }
    await built.close()
    rmSync(folder, { recursive: true })
  })
})

describe('the overview', () => {
  it('says what needs a decision and what is new', async () => {
    const view = (await ask('/overview')).json<OverviewView>()
    expect(view.headline).toBe(
      '1 incident needs a decision. 1 endpoint found since yesterday, it returns card numbers without authentication.',
    )
    expect(view.traffic.reduce((sum, bucket) => sum + bucket.calls, 0)).toBe(20)
    expect(view).toMatchObject({ openIncidents: 1, demo: false, gateway: 'http://127.0.0.1:8080' })
  })

  it('has words only for data classes that exist', () => {
    const known = new Set(dataClasses.map(one => one.id))
    expect(Object.keys(tellingData).length).toBeGreaterThan(5)
    for (const id of Object.keys(tellingData)) expect(known).toContain(id)
  })

  it('speaks plainly of nothing, of the kill switch and of blind sensors', () => {
    const quiet = {
      openIncidents: 0,
      containedIncidents: 0,
      newEndpoints: [],
      endpoints: 4,
      calls: 10,
      bypass: false,
      gateway: undefined,
      ailingSensors: [],
    }
    expect(headline(quiet)).toBe('Nothing needs a decision.')
    expect(headline({ ...quiet, containedIncidents: 2 })).toBe(
      'Nothing needs a decision: 2 incidents contained.',
    )
    expect(headline({ ...quiet, calls: 0 })).toBe(
      'Nothing needs a decision. No calls seen yet. Connect a sensor to begin.',
    )
    expect(headline({ ...quiet, bypass: true, openIncidents: 3, ailingSensors: ['gateway'] })).toBe(
      'The kill switch is on: everything passes. Sensor gateway is not seeing everything. 3 incidents need a decision.',
    )
  })
})

describe('metrics', () => {
  it('are Prometheus text, each family typed once, without lines that are none', async () => {
    const answer = await running.app.inject({ url: '/metrics', headers: bearer('viewer') })
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
    for (const line of answer.body.trimEnd().split('\n')) {
      expect(line).toMatch(/^(# TYPE [a-z_]+ (counter|gauge)|[a-z_]+(\{[^{}]*\})? -?[0-9.e+-]+)$/)
    }
    expect(answer.body).toContain('sallyport_incidents_open{severity="critical"} 1\n')
    expect(answer.body).toContain('sallyport_endpoints{state="shadow"} 1\n')
    expect(answer.body).toContain('sallyport_decisions_total{action="block"} 1\n')
    expect(answer.body.match(/# TYPE sallyport_ingest_dropped_total counter/g)).toHaveLength(1)
    expect(prometheusText({ 'a b': 1, 'x{y="\n"}': 1 })).toBe('')
  })
})

describe('the client', () => {
  it('reads, changes, and throws what the server said', async () => {
    const { url } = await running.server.listen()
    const client = new ApiClient({ url: `${url}/`, token: tokens.admin })
    const page = await client.get<PageView<CallView>>('/calls', new URLSearchParams({ limit: '2' }))
    expect(page.items.map(call => call.id)).toEqual(['c-19', 'c-18'])
    expect(await client.find('/policies/none')).toBeUndefined()
    await client.put('/policies/one', { source: samplePolicy('shadow') }, { 'if-none-match': '*' })
    await expect(client.delete('/policies/one')).rejects.toMatchObject({
      code: 'resource/precondition-required',
      exitCode: 2,
    })
    expect(await client.delete('/policies/one', { 'if-match': '"1"' })).toBeUndefined()
    const stranger = new ApiClient({ url, token: 'wrong' })
    await expect(stranger.get('/overview')).rejects.toMatchObject({ code: 'auth/invalid', exitCode: 3 })
    await expect(client.get('/incidents/none')).rejects.toMatchObject({
      code: 'resource/not-found',
      where: 'none',
    })
  })

  it('says that nothing answers, and how to mend that', async () => {
    const { url } = await running.server.listen()
    await running.server.close()
    await expect(new ApiClient({ url, token: 'x' }).get('/health')).rejects.toMatchObject({
      code: 'server/unreachable',
      where: url,
      mend: expect.stringContaining('sallyport up'),
    })
    expect(() => new ApiClient({ url: 'file:///etc/passwd', token: 'x' })).toThrow('not an http(s) URL')
  })
})
