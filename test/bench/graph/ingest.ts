import type { ContextEvent } from '../../../src/call/event.ts'
import type { RawExchange } from '../../../src/call/raw-exchange.ts'
import { Redactor } from '../../../src/call/redactor.ts'
import { sealCall } from '../../../src/call/seal-call.ts'
import { Analysis } from '../../../src/engine/analysis.ts'
import { createRing, RingReader, RingWriter } from '../../../src/engine/ring.ts'
import { RuntimeGraph } from '../../../src/engine/runtime-graph.ts'
import { endpointId } from '../../../src/kit/id.ts'
import { decodeTraces } from '../../../src/sensors/otlp/decode-protobuf.ts'
import { SpanIntake } from '../../../src/sensors/otlp/span-intake.ts'
import { traceRequest } from './trace-proto.ts'

/**
 * Spans a second and core, as CPU: bytes of OTLP are decoded, both sides of each call are joined, calls are sealed and become edges; and
 * the same through the whole of analysis. Each trace is a request to one of 40 services, a call of it to another and that one's query.
 */
const services = 40
const tracesPerBatch = 64
const batches = 100
const rounds = 4
const spansPerTrace = 4

const text = (key: string, stringValue: string) => ({ key, value: { stringValue } })
const int = (key: string, intValue: number) => ({ key, value: { intValue } })

function id(number: number, size: number): Uint8Array {
  const bytes = Buffer.alloc(size)
  bytes.writeUInt32BE(number >>> 0, size - 4)
  bytes[0] = 9
  return bytes
}

/** @param round Rounds have ids and times of their own: a trace is not seen twice. */
function batchOf(batch: number, round: number): Uint8Array {
  const byService = new Map<number, object[]>()
  const push = (service: number, span: object): void => {
    const spans = byService.get(service) ?? []
    spans.push(span)
    byService.set(service, spans)
  }
  for (let trace = 0; trace < tracesPerBatch; trace += 1) {
    const number = (round * batches + batch) * tracesPerBatch + trace
    const front = number % services
    const back = (front + 1 + (number % 5)) % services
    const at = (ms: number): string =>
      String((1_700_000_000_000n + BigInt(number * 2) + BigInt(ms)) * 1_000_000n)
    const span = (place: number, parent: number | undefined, more: object, kind: number) => ({
      traceId: id(number + 1, 16),
      spanId: id(number * spansPerTrace + place + 1, 8),
      ...(parent === undefined ? {} : { parentSpanId: id(number * spansPerTrace + parent + 1, 8) }),
      kind,
      startTimeUnixNano: at(place),
      endTimeUnixNano: at(12 - place),
      ...more,
    })
    const http = (service: number, item: number) => [
      text('http.request.method', 'GET'),
      text('url.scheme', 'http'),
      text('url.path', `/items/${item}`),
      int('http.response.status_code', 200),
      text('server.address', `service-${service}.shop.svc`),
      int('server.port', 8080),
      text('network.protocol.version', '1.1'),
    ]
    const route = text('http.route', '/items/{itemId}')
    push(
      front,
      span(
        0,
        undefined,
        {
          name: 'GET /items/{itemId}',
          attributes: [...http(front, number % 500), route, text('client.address', '203.0.113.9')],
        },
        2,
      ),
    )
    push(front, span(1, 0, { name: 'GET', attributes: http(back, number % 300) }, 3))
    push(
      back,
      span(2, 1, { name: 'GET /items/{itemId}', attributes: [...http(back, number % 300), route] }, 2),
    )
    push(
      back,
      span(
        3,
        2,
        {
          name: 'SELECT items',
          attributes: [
            text('db.system.name', 'postgresql'),
            text('db.namespace', 'shop'),
            text('db.collection.name', `items_${back}`),
            text('db.operation.name', 'SELECT'),
            text('server.address', 'items-db'),
          ],
        },
        3,
      ),
    )
  }
  return traceRequest
    .encode(
      traceRequest.fromObject({
        resourceSpans: [...byService].map(([service, spans]) => ({
          resource: {
            attributes: [
              text('service.name', `service-${service}`),
              text('service.namespace', 'shop'),
              text('service.version', '1.4.2'),
            ],
          },
          scopeSpans: [{ scope: { name: 'bench' }, spans }],
        })),
      }),
    )
    .finish()
}

interface Way {
  readonly call: (exchange: RawExchange) => void
  readonly event: (event: ContextEvent) => void
  readonly after?: () => void
}

const redactor = new Redactor({ key: Buffer.alloc(32, 1) })

/** The endpoint as the framework names it: what the catalog would say, without it. */
const graph = new RuntimeGraph()
const toGraph: Way = {
  call: exchange => {
    const call = sealCall({ ...exchange, sensor: 'otlp' }, redactor)
    const { request, destination } = call
    const endpoint = endpointId(request.method, destination.host, request.route ?? request.path)
    graph.call(call, { endpoint, refused: false, further: false })
    graph.drainBegan()
  },
  event: event => graph.event(event),
}

const analysis = new Analysis()
const toAnalysis: Way = {
  call: exchange => void analysis.observe(sealCall({ ...exchange, sensor: 'otlp' }, redactor)),
  event: event => void analysis.observe(event),
}

/** As it runs live: over the ring between the two threads, here on one core. */
const memory = createRing(64 * 1024 * 1024)
const writer = new RingWriter(memory)
const reader = new RingReader(memory)
const overRing = new Analysis()
const toRing: Way = {
  call: exchange => void writer.write({ ...exchange, sensor: 'otlp' }),
  event: event => void writer.writeEvent(event),
  after: () => {
    for (let seen = reader.read(); seen !== undefined; seen = reader.read())
      overRing.observe('type' in seen ? seen : sealCall(seen, redactor))
  },
}

const intakes = new Map<Way, SpanIntake>()
function cpuOf(way: Way, bytes: readonly Uint8Array[]): number {
  const intake = intakes.get(way) ?? new SpanIntake(way)
  intakes.set(way, intake)
  let spans = 0
  const began = process.cpuUsage()
  for (const batch of bytes) {
    decodeTraces(batch, span => {
      spans += 1
      intake.add(span)
    })
    way.after?.()
  }
  const { user, system } = process.cpuUsage(began)
  return (user + system) / spans
}

const ways = { 'decode, join and graph': toGraph, 'whole analysis': toAnalysis, 'over the ring': toRing }
const times = new Map<string, number[]>()
for (let round = 0; round < rounds; round += 1) {
  const bytes = Array.from({ length: batches }, (_, batch) => batchOf(batch, round))
  for (const [name, way] of Object.entries(ways)) {
    const cpu = cpuOf(way, bytes)
    // The first round is for the compiler.
    if (round > 0) times.set(name, [...(times.get(name) ?? []), cpu])
  }
}
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!
const report = Object.fromEntries(
  [...times].map(([name, all]) => [
    name,
    {
      'CPU µs a span': Number(median(all).toFixed(2)),
      'spans a second and core': Math.round(1e6 / median(all)),
    },
  ]),
)
const { edges } = graph.graph
console.log(
  JSON.stringify(
    { spansARound: batches * tracesPerBatch * spansPerTrace, ...report, edges: edges.length },
    undefined,
    2,
  ),
)
// Of each service: who calls it from outside and from inside, what it serves, calls and reads, by itself and by its endpoint.
if (dropped() || edges.length < services * 7) throw new Error('not all of it became edges')

function dropped(): boolean {
  return writer.dropped > 0
}
