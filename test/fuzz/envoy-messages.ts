import type { RawExchange } from '../../src/call/raw-exchange.ts'
import { ManualClock } from '../../src/kit/clock.ts'
import { CounterSet } from '../../src/kit/counters.ts'
import { decodeCheckRequest } from '../../src/sensors/envoy/check-request.ts'
import type { FilterContext } from '../../src/sensors/envoy/filter-context.ts'
import {
  checkRequest,
  headerMap,
  processingRequest,
  processingResponse,
  requestHead,
  responseHead,
} from '../../src/sensors/envoy/filter-fixture.ts'
import { defaultEnvoyFilterOptions } from '../../src/sensors/envoy/filter-options.ts'
import { framed } from '../../src/sensors/envoy/fixture.ts'
import type { GrpcCall } from '../../src/sensors/envoy/grpc-call.ts'
import { MessageFrames } from '../../src/sensors/envoy/message-frames.ts'
import { ProcessedExchange } from '../../src/sensors/envoy/processed-exchange.ts'
import { BrokenMessage } from '../../src/sensors/envoy/protobuf-reader.ts'
import { ExchangeIds } from '../../src/sensors/gateway/exchange-id.ts'
import { type Admission, pass, type Verdict } from '../../src/sensors/guard.ts'
import { type FuzzTarget, hold, numbers, plain } from './fuzz-target.ts'
import { mutated } from './mutation.ts'

/**
 * Streams of ext_proc and messages of ext_authz as nobody should send them: valid messages in any order, cut, flipped, spliced and repeated.
 * Whatever comes, nothing but `BrokenMessage` is thrown, each message that is read has one answer that can be read, nothing is said after
 * the end, and an exchange is handed on once at most. The same seed gives the same messages.
 */

const modes = (request: number, response: number) => ({
  protocol_config: { request_body_mode: request, response_body_mode: response },
})
const seeds: readonly Buffer[] = [
  ...[0, 1, 2, 3, 4, 7].map(mode =>
    processingRequest({ ...requestHead({ 'content-length': '5' }, false), ...modes(mode, mode) }),
  ),
  processingRequest(requestHead({ 'x-sallyport-tag': 'a', 'content-type': 'application/grpc' })),
  processingRequest({ ...requestHead(), observability_mode: true }),
  processingRequest(responseHead({ 'content-type': 'text/event-stream' })),
  processingRequest(responseHead({ ':status': '99999999999999999999' }, true)),
  processingRequest({ request_body: { body: Buffer.from('hello'), end_of_stream: true } }),
  processingRequest({ request_body: { body: Buffer.alloc(300) } }),
  processingRequest({ response_body: { body: Buffer.from('world') } }),
  processingRequest({ response_body: { end_of_stream: true } }),
  processingRequest({ request_trailers: { trailers: headerMap({ a: 'b' }) } }),
  processingRequest({ response_trailers: {} }),
  processingRequest({ of_a_later_version: { body: Buffer.from('x') } }),
  processingRequest({
    ...requestHead(),
    attributes: {
      f: { fields: { 'source.address': { text: '[::1]:80' }, a: { number: Number.NaN }, b: { flag: true } } },
    },
  }),
  checkRequest({ attributes: { request: { http: { method: 'GET', headers: { a: 'b' }, size: -1 } } } }),
]

const blocked: Verdict = { action: 'block', decisionId: 'd', policy: 'p', status: 403, reason: 'No.' }
const changed: Verdict = {
  action: 'amend',
  decisionId: 'd',
  policy: 'p',
  headers: [['x-a', 'é\u0000']],
  body: Buffer.alloc(5_000),
}

/** One stream. @throws Law where something does not hold. */
function fuzzOnce(seed: number): void {
  const pick = numbers(seed)
  const one = <Of>(list: readonly Of[]): Of => list[pick(list.length)]!
  const verdict = (): Verdict => one([pass, pass, pass, changed, blocked])
  const over: RawExchange[] = []
  const context: FilterContext = {
    guard: {
      admit: (): Admission => ({
        verdict: verdict(),
        needs: { requestBody: pick(2) === 0, response: pick(2) === 0, responseBody: pick(2) === 0 },
        decideBody: verdict,
        decideResponse: verdict,
      }),
      observe: () => {},
    },
    clock: new ManualClock(1.7e12),
    counters: new CounterSet(),
    options: { ...defaultEnvoyFilterOptions, windowBytes: 128, bodies: one(['all', 'needed']) },
    ids: new ExchangeIds(),
    onOver: (_way, exchange) => over.push(exchange),
  }
  let open = true
  let answers = 0
  const call: GrpcCall = {
    get open() {
      return open
    },
    pause: () => {},
    resume: () => {},
    send: frame => {
      hold(open, 'an answer came after the end')
      hold(frame.readUInt32BE(1) === frame.length - 5, 'a frame is not as long as it says')
      hold(Object.keys(processingResponse(frame.subarray(5))).length > 0, 'an answer is empty')
      answers += 1
    },
    end: () => {
      open = false
    },
    fail: () => {
      open = false
    },
  }
  let settled = 0
  const exchange = new ProcessedExchange(context, call, () => {
    settled += 1
  })
  const stream = Buffer.concat(Array.from({ length: 1 + pick(8) }, () => framed(mutated(one(seeds), pick))))
  const read: Buffer[] = []
  const frames = new MessageFrames(65_536, bytes => {
    read.push(Buffer.from(bytes))
    if (!open) return
    const before = answers
    try {
      exchange.message(bytes)
      hold(!open || answers - before <= 1, 'a message has two answers')
    } catch (thrown) {
      if (!(thrown instanceof BrokenMessage)) throw thrown
      open = false
    }
  })
  for (let at = 0; at < stream.length; ) {
    const size = 1 + pick(200)
    if (!frames.feed(stream.subarray(at, at + size))) break
    at += size
  }
  for (const bytes of read) {
    try {
      decodeCheckRequest(bytes)
    } catch (thrown) {
      if (!(thrown instanceof BrokenMessage)) throw thrown
    }
  }
  if (pick(2) === 0 && open) exchange.end()
  exchange.closed()
  exchange.closed()
  hold(settled === 1, 'an exchange is settled otherwise than once')
  hold(over.length <= 1, 'an exchange is handed on twice')
  for (const { request, response } of over) {
    hold((request.body?.bytes.length ?? 0) <= 128, 'more than the window of a request is kept')
    hold(response === undefined || Number.isInteger(response.status), 'a status is no number')
  }
}

export const envoyMessages: FuzzTarget = plain(
  'envoy-messages',
  'each message that is read has one answer that can be read; an exchange is handed on once at most',
  5000,
  fuzzOnce,
)
