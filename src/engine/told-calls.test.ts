import { describe, expect, it } from 'vitest'
import type { ApiCall } from '../call/api-call.ts'
import type { CallId, EndpointId } from '../kit/id.ts'
import type { SensorId } from '../sensors/sensor-id.ts'
import { ToldCalls } from './told-calls.ts'

const empty = Object.freeze({ kind: 'empty' as const })
const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
const parent = '00f067aa0ba902b7'

const call = (
  sensor: SensorId | undefined,
  time: number,
  more: Partial<ApiCall> = {},
  target = '/orders/7',
): ApiCall => ({
  type: 'call',
  id: `${sensor}-${time}` as CallId,
  time,
  durationMs: 10,
  source: {},
  destination: { host: 'shop.example' },
  request: {
    method: 'GET',
    target,
    path: target,
    query: [],
    httpVersion: '1.1',
    headers: [],
    content: empty,
    bodySize: 0,
    bodyTruncated: false,
  },
  response: { status: 200, headers: [], content: empty, bodySize: 0, bodyTruncated: false },
  credentials: [],
  ...(sensor === undefined ? {} : { sensor }),
  ...more,
})

const endpoint = 'GET shop.example/orders/{orderId}' as EndpointId

function noted(...calls: readonly ApiCall[]): ToldCalls {
  const told = new ToldCalls()
  for (const one of calls) told.note(one, endpoint)
  return told
}

describe('a call that two sensors saw', () => {
  it('is known again by its trace context, whatever the clocks say', () => {
    const first = call('gateway', 1_000)
    const headers = [['traceparent', `00-${trace}-${parent}-01`]] as const
    const told = noted({ ...first, request: { ...first.request, headers } })
    const span = call('otlp', 90_000, { trace: { traceId: trace, parentSpanId: parent } })
    expect([told.again(span)?.endpoint, told.again(span)]).toEqual([endpoint, undefined])
  })

  it('is known again by what was asked for and when, once for each call', () => {
    const told = noted(call('gateway', 1_000), call('gateway', 1_005))
    const spans = [call('otlp', 1_001), call('otlp', 1_006), call('otlp', 1_007)]
    expect(spans.map(span => told.again(span)?.endpoint)).toEqual([endpoint, endpoint, undefined])
  })

  it('is known again by a copy that has no answer, and not by a sensor that sees more', () => {
    const { response: _, ...copy } = call('mirror', 1_002)
    expect(noted(call('gateway', 1_000)).again(copy)?.endpoint).toBe(endpoint)
    expect(noted(copy).again(call('gateway', 1_000))).toBeUndefined()
    expect(noted(copy).again(call('otlp', 1_003))?.endpoint).toBe(endpoint)
  })

  it.each(['pcap', 'mirror', 'envoy'] as const)(
    'is known again by its span, and after the gateway, where %s told it',
    sensor => {
      expect(noted(call(sensor, 1_000)).again(call('otlp', 1_003))?.endpoint).toBe(endpoint)
      expect(noted(call('gateway', 1_000)).again(call(sensor, 1_003))?.endpoint).toBe(endpoint)
    },
  )

  it.each([
    ['answered otherwise', call('otlp', 1_001, { response: { ...call('otlp', 0).response!, status: 404 } })],
    ['later', call('otlp', 2_000)],
    ['for something else', call('otlp', 1_001, {}, '/orders/8')],
    ['seen in full again', call('gateway', 1_001)],
    ['read from a file', call(undefined, 1_001)],
  ])('is another one when it is %s', (_, other) => {
    expect(noted(call('gateway', 1_000)).again(other)).toBeUndefined()
  })
})
