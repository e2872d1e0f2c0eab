import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SallyportEvent } from '../../../call/event.ts'
import { Redactor } from '../../../call/redactor.ts'
import type { Rejection } from '../../../kit/rejection.ts'
import { readEvents } from '../index.ts'
import { envoyAccessLog } from './envoy-access-log.ts'
import { envoyTap } from './envoy-tap.ts'

async function read(content: string) {
  const file = join(mkdtempSync(join(tmpdir(), 'envoy-')), 'log')
  writeFileSync(file, content)
  const rejections: Rejection[] = []
  const events: SallyportEvent[] = []
  for await (const event of readEvents([file], {
    redactor: new Redactor({ key: new Uint8Array(32) }),
    onRejection: rejection => rejections.push(rejection),
  }))
    events.push(event)
  return { events, reasons: rejections.map(({ position, reason }) => `${position}: ${reason}`) }
}

const time = Date.UTC(2026, 0, 2, 3, 4, 5, 6)
const at = '[2026-01-02T03:04:05.006Z]'
const envoyLine = `${at} "POST /orders/7?a=b HTTP/2" 403 UAEX 7 512 16 14 "192.0.2.7,10.0.0.1" "agent "quoted"" "6c9e" "api.shop.example" "10.0.0.5:8080"`
const istioLine = `${at} "GET /orders HTTP/1.1" 200 - via_upstream - "-" 0 512 9 8 "-" "agent/1" "6c9e" "orders.shop:80" "10.0.0.5:8080" outbound|80||orders.shop.svc.cluster.local 10.0.0.9:40000 10.1.0.7:80 10.0.0.9:50000 - default`
const tcpLine = `${at} "- - -" 0 - - - "-" 300 200 5000 - "-" "-" "-" "-" "10.0.0.6:5432" outbound|5432||db.shop.svc.cluster.local 10.0.0.9:40001 10.1.0.8:5432 10.0.0.9:50001 - -`

describe('an access log of Envoy', () => {
  it('is read in its default format and in that of Istio', async () => {
    const { events, reasons } = await read(`${envoyLine}\n${istioLine}\n${tcpLine}\nsomething else\n`)
    expect(events).toMatchObject([
      {
        type: 'call',
        time,
        durationMs: 16,
        source: { ip: '192.0.2.7' },
        destination: { host: 'api.shop.example', ip: '10.0.0.5', port: 8080 },
        request: { method: 'POST', target: '/orders/7?a=b', httpVersion: '2', bodySize: 7 },
        response: { status: 403, bodySize: 512 },
        extra: { envoy: { flags: ['UAEX'] } },
      },
      {
        type: 'call',
        durationMs: 9,
        source: { ip: '10.0.0.9', port: 50000 },
        destination: { host: 'orders.shop', ip: '10.0.0.5', port: 8080 },
        extra: {
          envoy: { upstreamCluster: 'outbound|80||orders.shop.svc.cluster.local', route: 'default' },
        },
      },
      {
        type: 'flow',
        workload: { name: '10.0.0.9' },
        peer: { host: 'db.shop.svc.cluster.local', ip: '10.0.0.6', port: 5432 },
        direction: 'egress',
        bytes: 500,
      },
    ])
    expect(reasons).toEqual(['4: The line has no `[time]` in the form of Envoy.'])
  })

  it('is an event, nothing, or a rejection, whatever a line is', () => {
    const changed = fc
      .tuple(
        fc.constantFrom(envoyLine, istioLine, tcpLine),
        fc.array(fc.tuple(fc.nat(300), fc.string({ maxLength: 3 })), { maxLength: 5 }),
      )
      .map(([line, changes]) => {
        let text: string = line
        for (const [place, put] of changes) text = text.slice(0, place) + put + text.slice(place + 1)
        return text
      })
    let told = 0
    fc.assert(
      fc.property(changed, line => {
        const seen = envoyAccessLog.tell({ position: 1, text: line }, { source: 's', label: 'l', host: 'h' })
        if (Array.isArray(seen)) told += 1
      }),
      { numRuns: 500 },
    )
    expect(told).toBeGreaterThan(100)
  })
})

const tap = (more: object = {}, headers: readonly object[] = []) => ({
  http_buffered_trace: {
    request: {
      headers: [
        { key: ':authority', value: 'api.shop.example' },
        { key: ':path', value: '/orders/7' },
        { key: ':method', value: 'POST' },
        { key: 'Authorization', value: 'Bearer abcdefghijklmnop' },
        { key: 'content-type', value: '', raw_value: Buffer.from('application/json').toString('base64') },
        ...headers,
      ],
      body: { as_bytes: Buffer.from('{"a":1}').toString('base64'), truncated: false },
      headers_received_time: '2026-01-02T03:04:05.006Z',
    },
    response: {
      headers: [
        { key: ':status', value: '200' },
        { key: 'date', value: 'Fri, 02 Jan 2026 03:04:05 GMT' },
      ],
      body: { as_string: 'hello', truncated: true },
      trailers: [{ key: 'grpc-status', value: '0' }],
    },
    downstream_connection: {
      local_address: { socket_address: { address: '10.0.0.1', port_value: 80 } },
      remote_address: { socket_address: { address: '192.0.2.7', port_value: 5000 } },
    },
    ...more,
  },
})

describe('a tap of Envoy', () => {
  it('gives the call with its bodies, also several over many lines', async () => {
    const { events, reasons } = await read(
      `${JSON.stringify(tap(), undefined, 1)}\n${JSON.stringify(tap(), undefined, 1)}\n`,
    )
    expect([events.length, reasons]).toEqual([2, []])
    expect(events[0]).toMatchObject({
      type: 'call',
      time,
      source: { ip: '192.0.2.7', port: 5000 },
      destination: { host: 'api.shop.example', ip: '10.0.0.1', port: 80 },
      request: {
        method: 'POST',
        target: '/orders/7',
        content: { kind: 'json', value: { a: 1 } },
        bodySize: 7,
        bodyTruncated: false,
      },
      response: { status: 200, bodySize: 5, bodyTruncated: true },
    })
    expect(JSON.stringify(events)).not.toContain('abcdefghijklmnop')
  })

  it('is of the second of its answer where it says nothing else', async () => {
    const request = { ...tap().http_buffered_trace.request, headers_received_time: undefined }
    expect((await read(JSON.stringify(tap({ request })))).events[0]?.time).toBe(time - 6)
  })

  const broken: readonly (readonly [object, string])[] = [
    [{ request: undefined }, 'The trace has no request.'],
    [{ request: { headers: [] } }, 'The request has no `:method` and `:path`.'],
    [
      { request: { ...tap().http_buffered_trace.request, headers_received_time: 'x' }, response: {} },
      'Neither the request nor the answer says when it was.',
    ],
  ]
  it.each(broken)('%j is rejected', async (more, reason) => {
    expect((await read(JSON.stringify(tap(more)))).reasons).toEqual([`1: ${reason}`])
  })
  it('was rejected in all ways of the table', () => expect(broken).toHaveLength(3))

  it('keeps a window of a body, and so many headers', () => {
    const headers = Array.from({ length: 500 }, (_, index) => ({ key: `x-${index}`, value: 'y' }))
    const large = tap({}, headers)
    large.http_buffered_trace.request.body.as_bytes = Buffer.alloc(200_000, 65).toString('base64')
    const told = envoyTap.tell?.(
      { position: 1, text: JSON.stringify(large) },
      { source: 's', label: 'l', host: 'h' },
    )
    expect(told).toMatchObject([{ request: { body: { size: 200_000, truncated: true } } }])
    const [call] = told as unknown as readonly [
      { request: { headers: unknown[]; body: { bytes: Uint8Array } } },
    ]
    expect([call.request.headers.length, call.request.body.bytes.length]).toEqual([253, 65_536])
  })
})
