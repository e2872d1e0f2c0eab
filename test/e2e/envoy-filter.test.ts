import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, createServer, request as httpRequest, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { RawBody, RawExchange } from '../../src/call/raw-exchange.ts'
import { systemClock } from '../../src/kit/clock.ts'
import { CounterSet } from '../../src/kit/counters.ts'
import { EnvoyFilter } from '../../src/sensors/envoy/envoy-filter.ts'
import {
  type Admission,
  type Guard,
  type GuardedRequest,
  type GuardedResponse,
  pass,
  type RefusalVerdict,
} from '../../src/sensors/guard.ts'
import { noEnvoy, startEnvoy } from '../support/envoy.ts'
import { cluster, listener, portOf, type } from '../support/envoy-config.ts'
import { freePort } from '../support/started-process.ts'

const nothing = { requestBody: false, response: false, responseBody: false }
const blocked: RefusalVerdict = {
  action: 'block',
  decisionId: 'd-1',
  policy: 'no-bulk',
  status: 403,
  reason: 'This request is not allowed.',
}
const throttled: RefusalVerdict = {
  ...blocked,
  action: 'throttle',
  policy: 'slow-down',
  status: 429,
  retryAfterSeconds: 7,
}
const amend = { action: 'amend', decisionId: 'd-2', policy: 'tags' } as const
const textOf = (body: RawBody | undefined): string => Buffer.from(body?.bytes ?? []).toString()

/** Answers by the first part of the path, and keeps what it is shown. */
class SampleGuard implements Guard {
  readonly admitted: GuardedRequest[] = []
  readonly exchanges: RawExchange[] = []
  readonly bodies: { readonly of: string; readonly text: string; readonly truncated: boolean }[] = []

  admit(request: GuardedRequest): Admission {
    this.admitted.push(request)
    const what = /^\/([a-z-]*)/.exec(request.target)?.[1] ?? ''
    const reads = what.startsWith('body')
    const answers = what.startsWith('answer')
    return {
      verdict:
        what === 'block'
          ? blocked
          : what === 'throttle'
            ? throttled
            : what === 'odd-status'
              ? { ...blocked, status: 451 }
              : what === 'tag'
                ? { ...amend, headers: [['x-sallyport-tag', 'watched']] }
                : pass,
      needs: reads
        ? { ...nothing, requestBody: true }
        : answers
          ? { requestBody: false, response: true, responseBody: what !== 'answer-head' }
          : nothing,
      decideBody: body => {
        this.bodies.push({ of: what, text: textOf(body), truncated: body.truncated })
        if (what === 'body-block' && textOf(body).includes('evil')) return blocked
        if (what === 'body-strip')
          return {
            ...amend,
            headers: [['x-stripped', 'yes']],
            body: Buffer.from(textOf(body).replace(',"admin":true', '')),
          }
        return pass
      },
      decideResponse: (response, body) => this.#answered(what, response, body),
    }
  }

  #answered(what: string, { status }: GuardedResponse, body: RawBody | undefined) {
    this.bodies.push({ of: `${what} ${status}`, text: textOf(body), truncated: body?.truncated ?? false })
    if (what === 'answer-block' && textOf(body).includes('4111')) return blocked
    if (what === 'answer-head') return { ...amend, headers: [['x-frame-options', 'DENY'] as const] }
    if (what === 'answer-mask')
      return { ...amend, body: Buffer.from(textOf(body).replace(/4\d{15}/, '****')) }
    return pass
  }

  observe(exchange: RawExchange): void {
    this.exchanges.push(exchange)
  }
}

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

const attributes = [
  'source.address',
  'destination.address',
  'request.protocol',
  'connection.tls_version',
  'connection.uri_san_peer_certificate',
  'xds.route_name',
  'xds.cluster_name',
]

const extProc = (mode: object, more: object = {}): object => ({
  name: 'envoy.filters.http.ext_proc',
  typed_config: {
    '@type': type('extensions.filters.http.ext_proc.v3.ExternalProcessor'),
    grpc_service: {
      envoy_grpc: { cluster_name: 'sallyport' },
      initial_metadata: [{ key: 'authorization', value: 'Bearer of-the-proxies' }],
      timeout: '1s',
    },
    request_attributes: attributes,
    message_timeout: '2s',
    allow_mode_override: true,
    processing_mode: mode,
    ...more,
  },
})

const bodies = { request_body_mode: 'BUFFERED_PARTIAL', response_body_mode: 'BUFFERED_PARTIAL' }

const extAuthz = (service: object): object => ({
  name: 'envoy.filters.http.ext_authz',
  typed_config: {
    '@type': type('extensions.filters.http.ext_authz.v3.ExtAuthz'),
    transport_api_version: 'V3',
    with_request_body: { max_request_bytes: 65_536, allow_partial_message: true },
    ...service,
  },
})

const grpcAuthz = extAuthz({
  grpc_service: {
    envoy_grpc: { cluster_name: 'sallyport' },
    initial_metadata: [{ key: 'authorization', value: 'Bearer of-the-proxies' }],
    timeout: '1s',
  },
  encode_raw_headers: true,
})

const httpAuthz = extAuthz({
  http_service: {
    server_uri: { uri: 'http://sallyport', cluster: 'sallyport-http', timeout: '1s' },
    path_prefix: '/ext-authz',
    authorization_request: {
      headers_to_add: [{ key: 'x-sallyport-token', value: 'of-the-proxies' }],
    },
    authorization_response: {
      allowed_upstream_headers: { patterns: [{ prefix: 'x-sallyport-' }] },
      allowed_client_headers: {
        patterns: ['content-type', 'retry-after', 'cache-control', 'www-authenticate'].map(exact => ({
          exact,
        })),
      },
    },
  },
  allowed_headers: { patterns: [{ safe_regex: { regex: '.*' } }] },
})

/** How each listener asks. */
const ways = {
  full: extProc(bodies),
  whole: extProc({ request_body_mode: 'BUFFERED', response_body_mode: 'BUFFERED' }),
  streamed: extProc(
    { request_body_mode: 'STREAMED', response_body_mode: 'STREAMED' },
    { allow_mode_override: false },
  ),
  adaptive: extProc({ request_body_mode: 'NONE', response_body_mode: 'NONE' }),
  heads: extProc({ request_body_mode: 'NONE', response_body_mode: 'NONE' }, { allow_mode_override: false }),
  duplex: extProc({
    request_body_mode: 'FULL_DUPLEX_STREAMED',
    response_body_mode: 'FULL_DUPLEX_STREAMED',
    request_trailer_mode: 'SEND',
    response_trailer_mode: 'SEND',
  }),
  watched: extProc(
    { ...bodies, request_body_mode: 'STREAMED', response_body_mode: 'STREAMED' },
    { observability_mode: true },
  ),
  open: extProc(bodies, {
    failure_mode_allow: true,
    grpc_service: { envoy_grpc: { cluster_name: 'nobody' }, timeout: '1s' },
  }),
  closed: extProc(bodies, {
    status_on_error: { code: 'ServiceUnavailable' },
    grpc_service: { envoy_grpc: { cluster_name: 'nobody' }, timeout: '1s' },
  }),
  stranger: extProc(bodies, {
    grpc_service: { envoy_grpc: { cluster_name: 'sallyport' }, timeout: '1s' },
  }),
  doomed: extProc(bodies, {
    failure_mode_allow: true,
    grpc_service: { envoy_grpc: { cluster_name: 'doomed' }, timeout: '1s' },
  }),
  authz: grpcAuthz,
  'authz-http': httpAuthz,
} as const
type WayName = keyof typeof ways

describe.skipIf(noEnvoy !== '')(
  `a real Envoy that asks${noEnvoy === '' ? '' : ` (skipped: ${noEnvoy})`}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'envoy-filter-'))
    const counters = new CounterSet()
    let guard = new SampleGuard()
    let filter: EnvoyFilter
    let doomed: EnvoyFilter
    let upstream: Server
    let stop: () => Promise<void> = async () => {}
    const ports: Record<string, number> = {}
    /** What the service was asked lately. */
    let reached: { readonly url: string; readonly headers: IncomingHttpHeaders; readonly text: string }[] = []
    /** Writes the next piece of the answer to `/stream`. */
    let streaming: ((text: string | undefined) => void) | undefined

    beforeAll(async () => {
      const asGuard: Guard = {
        admit: request => guard.admit(request),
        observe: exchange => guard.observe(exchange),
      }
      filter = await EnvoyFilter.start({ port: 0, token: 'of-the-proxies' }, asGuard, systemClock, counters)
      doomed = await EnvoyFilter.start({ port: 0 }, asGuard, systemClock, counters)
      upstream = createServer((request, response) => {
        let text = ''
        request.on('data', chunk => {
          text += chunk
        })
        request.on('end', () => {
          reached.push({ url: request.url ?? '', headers: request.headers, text })
          if (request.url?.startsWith('/stream') === true) {
            response.writeHead(200, { 'content-type': 'text/event-stream' })
            response.write('data: 0\n\n')
            streaming = piece => (piece === undefined ? response.end() : response.write(piece))
            return
          }
          response.setHeader('content-type', 'application/json')
          response.end(JSON.stringify({ path: request.url, card: '4111111111111111' }))
        })
      }).listen(0, '127.0.0.1')
      await once(upstream, 'listening')
      const listeners: object[] = []
      for (const [name, ask] of Object.entries(ways)) {
        const port = await freePort()
        ports[name] = port
        listeners.push(
          listener(port, {
            name: 'http',
            typed_config: {
              '@type': type('extensions.filters.network.http_connection_manager.v3.HttpConnectionManager'),
              stat_prefix: name,
              use_remote_address: true,
              route_config: {
                virtual_hosts: [
                  {
                    name: 'all',
                    domains: ['*'],
                    routes: [
                      {
                        name: 'everything',
                        match: { prefix: '/' },
                        route: { cluster: 'shop', timeout: '0s' },
                      },
                    ],
                  },
                ],
              },
              http_filters: [
                ask,
                {
                  name: 'router',
                  typed_config: { '@type': type('extensions.filters.http.router.v3.Router') },
                },
              ],
            },
          }),
        )
      }
      stop = await startEnvoy(
        {
          node: { id: 'edge-1', cluster: 'edge' },
          static_resources: {
            clusters: [
              cluster('shop', (upstream.address() as AddressInfo).port),
              cluster('sallyport', portOf(filter.address), true),
              cluster('sallyport-http', portOf(filter.address)),
              cluster('doomed', portOf(doomed.address), true),
              cluster('nobody', await freePort(), true),
            ],
            listeners,
          },
        },
        folder,
      )
      await vi.waitFor(() => fetch(`http://127.0.0.1:${ports.open}/ready`), { timeout: 20_000, interval: 50 })
    }, 60_000)

    afterAll(async () => {
      await stop()
      await filter.close(0)
      upstream.close()
      upstream.closeAllConnections()
      rmSync(folder, { recursive: true, force: true })
    })

    beforeEach(() => {
      guard = new SampleGuard()
      reached = []
    })

    const ask = async (
      way: WayName,
      path: string,
      body?: string,
      headers: Record<string, string> = {},
    ): Promise<Answer> => {
      const request = httpRequest({
        port: ports[way],
        host: '127.0.0.1',
        path,
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          host: 'shop.example',
          ...(body === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
          ...headers,
        },
        agent: false,
      })
      request.end(body)
      const [message] = await once(request, 'response')
      let text = ''
      for await (const chunk of message) text += chunk
      return { status: message.statusCode, headers: message.headers, text }
    }
    const seen = async (count: number): Promise<readonly RawExchange[]> => {
      await vi.waitFor(() => expect(guard.exchanges.length).toBeGreaterThanOrEqual(count), {
        timeout: 10_000,
        interval: 10,
      })
      return guard.exchanges
    }

    const stripping = '{"a":"evil","admin":true}'
    const card = '4111111111111111'
    const reachedBody = (): string => reached.map(({ text }) => text).join()

    interface Row {
      readonly path: string
      readonly body?: string
      readonly holds: (answer: Answer) => void
    }
    const requestRows: readonly Row[] = [
      {
        path: '/plain',
        body: stripping,
        holds: answer => {
          expect(answer.status).toBe(200)
          expect(reachedBody()).toBe(stripping)
        },
      },
      {
        path: '/block',
        holds: answer => {
          expect(answer).toMatchObject({
            status: 403,
            headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
          })
          expect(JSON.parse(answer.text)).toMatchObject({
            title: 'This request is not allowed.',
            decisionId: 'd-1',
          })
          expect(reached).toEqual([])
        },
      },
      {
        path: '/throttle',
        holds: answer => {
          expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': '7' } })
          expect(reached).toEqual([])
        },
      },
      { path: '/odd-status', holds: ({ status }) => expect(status).toBe(451) },
      {
        path: '/tag',
        holds: answer => {
          expect(answer.status).toBe(200)
          expect(reached[0]?.headers['x-sallyport-tag']).toBe('watched')
        },
      },
      {
        path: '/body-block',
        body: stripping,
        holds: answer => {
          expect(answer.status).toBe(403)
          expect(guard.bodies).toEqual([{ of: 'body-block', text: stripping, truncated: false }])
          expect(reached).toEqual([])
        },
      },
    ]
    const bodyRows: readonly Row[] = [
      {
        path: '/body-strip',
        body: stripping,
        holds: answer => {
          expect(answer.status).toBe(200)
          expect(reachedBody()).toBe('{"a":"evil"}')
        },
      },
      {
        path: '/answer-head',
        holds: answer =>
          expect(answer).toMatchObject({ status: 200, headers: { 'x-frame-options': 'DENY' } }),
      },
      {
        path: '/answer-mask',
        holds: answer => {
          expect(JSON.parse(answer.text)).toEqual({ path: '/answer-mask', card: '****' })
          expect(guard.bodies[0]).toMatchObject({ of: 'answer-mask 200', truncated: false })
        },
      },
      {
        path: '/answer-block',
        holds: answer => {
          expect(answer.status).toBe(403)
          expect(answer.text).not.toContain(card)
        },
      },
    ]

    for (const way of ['full', 'whole', 'streamed', 'adaptive', 'duplex'] as const)
      it(`carries out what is decided, bodies both ways: ext_proc, ${way}`, async () => {
        const rows = [...requestRows, ...bodyRows]
        for (const { path, body, holds } of rows) {
          guard = new SampleGuard()
          reached = []
          holds(await ask(way, path, body))
          const [exchange] = await seen(1)
          expect(exchange?.request, path).toMatchObject({
            method: body === undefined ? 'GET' : 'POST',
            target: path,
          })
        }
        expect(rows).toHaveLength(10)
      })

    for (const way of ['authz', 'authz-http'] as const)
      it(`carries out what is decided on requests: ${way}`, async () => {
        for (const { path, body, holds } of requestRows) {
          guard = new SampleGuard()
          reached = []
          holds(await ask(way, path, body))
          const [exchange] = await seen(1)
          expect(exchange?.extra).toMatchObject({ envoy: { filter: way === 'authz' ? 'ext_authz' : 'http' } })
          expect(textOf(exchange?.request.body), path).toBe(body ?? '')
        }
        expect(requestRows).toHaveLength(6)
      })

    it('says what ext_authz cannot do', async () => {
      const before = counters.toJSON()
      await ask('authz', '/answer-mask')
      expect(guard.bodies).toEqual([])
      await ask('authz', '/body-strip', stripping)
      expect(reachedBody()).toContain('admin')
      const since = (name: string): number => counters.get(name) - (before[name] ?? 0)
      expect(since('sallyport_envoy_answers_unseen_total')).toBe(1)
      expect(since('sallyport_envoy_bodies_unamended_total')).toBe(1)
    })

    it('hands on the whole exchange with what Envoy knows of it', async () => {
      await ask('full', '/plain?a=b', stripping)
      const [exchange] = await seen(1)
      expect(exchange).toMatchObject({
        durationMs: expect.any(Number),
        source: { ip: '127.0.0.1', port: expect.any(Number) },
        destination: { host: 'shop.example', ip: '127.0.0.1', port: ports.full },
        request: {
          method: 'POST',
          target: '/plain?a=b',
          httpVersion: '1.1',
          body: { size: 25, truncated: false },
        },
        response: { status: 200, body: { truncated: false } },
        extra: { envoy: { filter: 'ext_proc', route: 'everything', upstreamCluster: 'shop' } },
      })
      expect(exchange?.request.headers).toContainEqual(['host', 'shop.example'])
      expect(exchange?.response?.headers).toContainEqual(['content-type', 'application/json'])
      expect(textOf(exchange?.response?.body)).toContain(card)
    })

    it('records what the client sent and the service answered, not what was made of it', async () => {
      await ask('full', '/body-strip', stripping)
      await ask('full', '/answer-mask')
      await ask('full', '/answer-block')
      const [stripped, masked, withheld] = await seen(3)
      expect(textOf(stripped?.request.body)).toBe(stripping)
      expect(stripped?.verdict).toEqual({ decisionId: 'd-2', action: 'amend', policy: 'tags' })
      expect(textOf(masked?.response?.body)).toContain(card)
      expect(withheld).toMatchObject({
        response: { status: 200 },
        verdict: { action: 'block', policy: 'no-bulk' },
        extra: { envoy: { outcome: 'response-withheld' } },
      })
      expect(textOf(withheld?.response?.body)).toContain(card)
    })

    it('takes out headers of the client that could pass for its own', async () => {
      for (const way of ['full', 'authz', 'authz-http'] as const) {
        reached = []
        await ask(way, '/tag', undefined, {
          'x-sallyport-tag': 'trusted',
          x_sallyport_seen: 'yes',
          'x-other': 'stays',
        })
        expect(reached[0]?.headers, way).toMatchObject({ 'x-sallyport-tag': 'watched', 'x-other': 'stays' })
        expect(reached[0]?.headers, way).not.toHaveProperty('x_sallyport_seen')
      }
    })

    it('looks at the beginning of a long body and lets all of it through', async () => {
      const long = JSON.stringify({ text: 'x'.repeat(3_000_000) })
      expect((await ask('full', '/body-long', long)).status).toBe(200)
      expect(reachedBody()).toHaveLength(long.length)
      expect(guard.bodies).toEqual([{ of: 'body-long', text: long.slice(0, 65_536), truncated: true }])
      const [exchange] = await seen(1)
      expect(exchange?.request.body).toMatchObject({ size: long.length, truncated: true })
      expect(exchange?.request.body?.bytes.length).toBe(65_536)
    })

    it('decides without a body that Envoy does not send, before the answer goes back', async () => {
      const missing = 'sallyport_envoy_bodies_missing_total{side="request"}'
      const before = counters.get(missing)
      expect((await ask('heads', '/body-block', stripping)).status).toBe(200)
      expect(guard.bodies).toEqual([{ of: 'body-block', text: '', truncated: true }])
      expect(counters.get(missing)).toBe(before + 1)
      const [exchange] = await seen(1)
      expect(exchange?.request.body).toMatchObject({ size: 25, truncated: true })
    })

    it('lets a stream of events through as it comes, where the answer is otherwise held', async () => {
      const request = httpRequest({ port: ports.full, host: '127.0.0.1', path: '/stream', agent: false })
      request.end()
      const [message] = await once(request, 'response')
      const [first] = await once(message, 'data')
      expect(String(first)).toBe('data: 0\n\n')
      streaming?.('data: 1\n\n')
      const [second] = await once(message, 'data')
      expect(String(second)).toBe('data: 1\n\n')
      message.resume()
      streaming?.(undefined)
      await once(message, 'end')
      const [exchange] = await seen(1)
      expect(textOf(exchange?.response?.body)).toBe('data: 0\n\ndata: 1\n\n')
      expect(exchange?.extra).not.toHaveProperty('envoy.outcome')
    })

    it('stays connected however many exchanges Envoy resets at their end', async () => {
      // More than HTTP/2 of the runtime takes of resets by default: a thousand, and 33 a second.
      const many = 2_000
      const agent = new Agent({ keepAlive: true, maxSockets: 16 })
      const statuses = new Map<number, number>()
      let left = many
      const one = async (): Promise<void> => {
        while (left-- > 0) {
          const request = httpRequest({ port: ports.full, host: '127.0.0.1', path: '/plain', agent })
          request.end()
          const [message] = await once(request, 'response')
          statuses.set(message.statusCode, (statuses.get(message.statusCode) ?? 0) + 1)
          message.resume()
          await once(message, 'end')
        }
      }
      await Promise.all(Array.from({ length: 16 }, one))
      agent.destroy()
      expect([...statuses]).toEqual([[200, many]])
      const exchanges = await seen(many)
      expect(exchanges.filter(({ extra }) => JSON.stringify(extra).includes('broken'))).toEqual([])
      expect(filter.health(Date.now()).rejected).toBe(0)
    }, 60_000)

    it('only watches in observability mode', async () => {
      for (const path of ['/block', '/throttle', '/tag'])
        expect((await ask('watched', path)).status).toBe(200)
      expect((await ask('watched', '/body-block', stripping)).status).toBe(200)
      const exchanges = await seen(4)
      expect(guard.admitted).toEqual([])
      expect(textOf(exchanges[3]?.request.body)).toBe(stripping)
      expect(exchanges[3]).toMatchObject({ response: { status: 200 }, extra: { envoy: { observed: true } } })
      expect(textOf(exchanges[3]?.response?.body)).toContain(card)
      expect(reached[2]?.headers).not.toHaveProperty('x-sallyport-tag')
    })

    it('does as Envoy is set up where nobody answers, or the token is wrong', async () => {
      expect((await ask('open', '/block')).status).toBe(200)
      expect((await ask('closed', '/plain')).status).toBe(503)
      expect((await ask('stranger', '/plain')).status).toBe(500)
      expect(guard.admitted).toEqual([])
      expect(filter.health(Date.now()).detail).toContain('The bearer token is missing or wrong.')
    })

    it('keeps what was known of an exchange whose client went away', async () => {
      const broken = 'sallyport_envoy_streams_broken_total'
      const before = counters.get(broken)
      const request = httpRequest({ port: ports.full, host: '127.0.0.1', path: '/stream', agent: false })
      request.on('error', () => {})
      request.end()
      const [message] = await once(request, 'response')
      message.on('error', () => {})
      await once(message, 'data')
      request.destroy()
      const [exchange] = await seen(1)
      expect(exchange).toMatchObject({
        response: { status: 200, body: { truncated: true } },
        extra: { envoy: { outcome: 'broken' } },
      })
      expect(counters.get(broken)).toBe(before + 1)
    })

    it('is gone in the middle of an exchange: Envoy goes on as it is set up, what was known is kept', async () => {
      const request = httpRequest({ port: ports.doomed, host: '127.0.0.1', path: '/stream', agent: false })
      request.end()
      const [message] = await once(request, 'response')
      await once(message, 'data')
      await doomed.close(0)
      streaming?.('data: 1\n\n')
      const [second] = await once(message, 'data')
      expect(String(second)).toBe('data: 1\n\n')
      message.resume()
      streaming?.(undefined)
      await once(message, 'end')
      const [exchange] = await seen(1)
      expect(exchange).toMatchObject({ response: { status: 200 }, extra: { envoy: { outcome: 'broken' } } })
      expect(textOf(exchange?.response?.body)).toBe('data: 0\n\n')
      expect((await ask('doomed', '/block')).status).toBe(200)
    })
  },
)
