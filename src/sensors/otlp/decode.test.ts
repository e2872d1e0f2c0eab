import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { batchOf, traceRequest } from '../../../test/bench/graph/trace-proto.ts'
import { decodeJsonTraces } from './decode-json.ts'
import { BrokenTelemetry, decodeTraces } from './decode-protobuf.ts'
import { hexOf, type Span } from './span.ts'

function decoded(bytes: Uint8Array): Span[] {
  const spans: Span[] = []
  decodeTraces(bytes, span => spans.push(span))
  return spans
}

const anyValue = fc.oneof(
  fc.string({ maxLength: 60 }).map(stringValue => ({ stringValue })),
  fc.boolean().map(boolValue => ({ boolValue })),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map(intValue => ({ intValue })),
  fc.double({ noNaN: true }).map(doubleValue => ({ doubleValue })),
)
const names = [
  'http.method',
  'http.request.method',
  'url.path',
  'db.system',
  'something.else',
  'server.port',
  'user.id',
]
const requests = fc.record({
  resourceSpans: fc.array(
    fc.record({
      resource: fc.record({
        attributes: fc.array(
          fc.record({ key: fc.constantFrom('service.name', 'host.name'), value: anyValue }),
          { maxLength: 3 },
        ),
      }),
      scopeSpans: fc.array(
        fc.record({
          spans: fc.array(
            fc.record({
              traceId: fc.uint8Array({ minLength: 16, maxLength: 16 }),
              spanId: fc.uint8Array({ minLength: 8, maxLength: 8 }),
              name: fc.string({ maxLength: 30 }),
              kind: fc.nat(5),
              startTimeUnixNano: fc.constantFrom('1796000000000000000', '1'),
              attributes: fc.array(fc.record({ key: fc.constantFrom(...names), value: anyValue }), {
                maxLength: 8,
              }),
              events: fc.array(fc.record({ name: fc.string({ maxLength: 9 }) }), { maxLength: 2 }),
            }),
            { maxLength: 4 },
          ),
        }),
        { maxLength: 2 },
      ),
    }),
    { maxLength: 2 },
  ),
})

const plain = (span: Span) => ({
  trace: hexOf(span.traceId),
  id: hexOf(span.spanId),
  name: span.name,
  kind: span.kind,
  start: span.start,
  service: span.resource.attributes.get('service.name'),
  values: (['http.request.method', 'url.path', 'db.system.name', 'server.port', 'user.id'] as const).map(
    name => span.attributes.get(name),
  ),
})

describe('an export of spans', () => {
  it('reads the same from protobuf as from JSON', () => {
    fc.assert(
      fc.property(requests, request => {
        const message = traceRequest.fromObject(request)
        const json = traceRequest.toObject(message, {
          longs: String,
          bytes: String,
          oneofs: false,
        }) as unknown
        const spans: Span[] = []
        if (request.resourceSpans.length > 0) decodeJsonTraces(json, span => spans.push(span))
        expect(decoded(traceRequest.encode(message).finish()).map(plain)).toEqual(spans.map(plain))
      }),
    )
  })

  it('is the batch that was written', () => {
    const spans = decoded(batchOf(3))
    expect(
      spans.map(span => [
        span.name,
        span.kind,
        span.attributes.text('url.path'),
        span.attributes.number('http.response.status_code'),
      ]),
    ).toEqual([
      ['GET /orders/{orderId}', 'server', '/orders/0', 200],
      ['GET /orders/{orderId}', 'server', '/orders/1', 200],
      ['GET /orders/{orderId}', 'server', '/orders/2', 200],
    ])
  })

  it('never does anything but refuse bytes that are none', () => {
    let refused = 0
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), cuts(), flips()), bytes => {
        try {
          decoded(bytes)
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(BrokenTelemetry)
          refused += 1
        }
      }),
      { numRuns: 2_000 },
    )
    expect(refused).toBeGreaterThan(500)
  })

  it('does not believe a length of four gigabytes', () => {
    expect(() => decoded(Uint8Array.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f, 1, 2]))).toThrow(
      'goes beyond what holds it',
    )
  })

  it.each([undefined, 7, [], {}, { resourceSpans: 'x' }])('is not %j', value => {
    expect(() => decodeJsonTraces(value, () => {})).toThrow(BrokenTelemetry)
  })

  it('leaves out what has another shape in JSON', () => {
    const spans: Span[] = []
    decodeJsonTraces(
      {
        resourceSpans: [
          7,
          { scopeSpans: [null, { spans: [null, { traceId: 'zz', attributes: [{ key: 5 }] }] }] },
        ],
      },
      span => spans.push(span),
    )
    expect(spans.map(span => [span.traceId, span.kind])).toEqual([['', 'unspecified']])
  })
})

const cuts = () => fc.nat(batchOf(2).length).map(length => batchOf(2).subarray(0, length))
const flips = () =>
  fc.tuple(fc.nat(batchOf(2).length - 1), fc.nat(255)).map(([at, byte]) => {
    const bytes = Uint8Array.from(batchOf(2))
    bytes[at] = byte
    return bytes
  })
