import { describe, expect, it } from 'vitest'
import type { ApiCall } from '../call/api-call.ts'
import type { SallyportEvent } from '../call/event.ts'
import type { CallId, Fingerprint } from '../kit/id.ts'
import { Analysis } from './analysis.ts'

const start = 1.7e12
const key = 'c0ffee'.repeat(6).slice(0, 32) as Fingerprint
const production = { namespace: 'prod', name: 'orders', labels: { environment: 'production' } }

/** The gateway's view of a call with a key: no workload, no trace. */
const call = (host: string, time: number): ApiCall => ({
  type: 'call',
  id: `g-${time}` as CallId,
  time,
  durationMs: 3,
  sensor: 'gateway',
  source: { ip: '203.0.113.7' },
  destination: { host },
  request: {
    method: 'GET',
    target: '/orders',
    path: '/orders',
    query: [],
    httpVersion: '1.1',
    headers: [],
    content: { kind: 'empty' },
    bodySize: 0,
    bodyTruncated: false,
  },
  response: { status: 200, headers: [], content: { kind: 'empty' }, bodySize: 0, bodyTruncated: false },
  credentials: [{ scheme: 'api-key', at: 'header:x-api-key', fingerprint: key, verification: 'unverified' }],
})

/** The server's span of the same call. */
function span(of: ApiCall): ApiCall {
  return {
    ...of,
    id: `s-${of.time}` as CallId,
    time: of.time + 1,
    sensor: 'otlp',
    destination: { ...of.destination, workload: production },
    credentials: [],
    trace: { traceId: `t-${of.time}`, spanId: `s-${of.time}` },
  }
}

const read = (of: ApiCall): SallyportEvent => ({
  type: 'access',
  id: `a-${of.time}`,
  time: of.time + 2,
  workload: production,
  store: { system: 'postgresql', host: 'people-db', namespace: 'prod', collection: 'people' },
  operation: 'SELECT',
  rows: 3,
  trace: { traceId: `t-${of.time}` },
})

const staging = call('api.staging.shop.example', start)
const theft = call('api.prod.shop.example', start + 60_000)

describe('a call that the gateway saw without its trace', () => {
  it.each([
    ['the read before the span', [theft, read(theft), span(theft)]],
    ['the span before the read', [theft, span(theft), read(theft)]],
  ])('has what its trace reached once the span tells it: %s', (_order, events) => {
    const analysis = new Analysis()
    for (const event of [staging, ...events]) analysis.observe(event)
    expect(analysis.calls).toBe(2)
    const [incident, ...others] = analysis.incidents()
    expect(others).toEqual([])
    expect(incident?.detectors).toEqual(['environment-crossing'])
    expect(incident?.path?.map(({ node }) => node).slice(1)).toEqual([
      'endpoint:GET api.prod.shop.example/orders',
      'workload:prod/orders',
      'store:postgresql://people-db/prod/people',
    ])
  })

  it('has no store without the span', () => {
    const analysis = new Analysis()
    for (const event of [staging, theft, read(theft)]) analysis.observe(event)
    expect(analysis.incidents()[0]?.path?.some(({ kind }) => kind === 'store')).toBe(false)
  })
})
