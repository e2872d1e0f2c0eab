import { isIP, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { ManualClock } from '../../src/kit/clock.ts'
import { CounterSet } from '../../src/kit/counters.ts'
import { SallyportError } from '../../src/kit/error.ts'
import { passAnswer, refusalOf } from '../../src/sensors/forward-auth/auth-answer.ts'
import { DecisionApi } from '../../src/sensors/forward-auth/decision-api.ts'
import { dialects } from '../../src/sensors/forward-auth/dialect.ts'
import { defaultForwardAuthOptions } from '../../src/sensors/forward-auth/forward-auth-options.ts'
import { isNotTold, originalRequest } from '../../src/sensors/forward-auth/original-request.ts'
import { SpoeAgent } from '../../src/sensors/forward-auth/spoe/spoe-agent.ts'
import { frameTypes, readFrame } from '../../src/sensors/forward-auth/spoe/spop-frame.ts'
import { SpopWriter } from '../../src/sensors/forward-auth/spoe/spop-writer.ts'
import { TrustedProxies } from '../../src/sensors/gateway/client-address.ts'
import { pass, type Verdict } from '../../src/sensors/guard.ts'
import { RecordingGuard } from '../../src/sensors/recording-guard.ts'
import { type FuzzTarget, hold, numbers, one, type Pick, plain } from './fuzz-target.ts'
import { mutated } from './mutation.ts'

/**
 * What reaches the decision point as nobody should send it. Headers: whatever a client writes, the request that is decided on is the one that
 * the proxy tells, or none. Questions as JSON: an answer, or an error that says what is wrong. SPOP: every frame that goes out can be read.
 * Nothing else is thrown. The same seed gives the same input.
 */

const names = [
  ...['method', 'uri', 'url', 'host', 'content-length', 'proto'].map(name => `x-original-${name}`),
  ...['method', 'uri', 'host', 'for', 'proto', 'port', 'client-cert', 'server'].map(
    name => `x-forwarded-${name}`,
  ),
  ...[
    'forwarded',
    'host',
    'content-length',
    'connection',
    'authorization',
    'cookie',
    'x-real-ip',
    '__proto__',
  ],
]
const values = [
  ...[
    '/free',
    '/blocked',
    'GET',
    'POST',
    'shop.example',
    'other.example:443',
    '127.0.0.1',
    '::1',
    '',
    ' ',
    ',',
  ],
  ...[
    'for=1.2.3.4',
    '1.2.3.4, 5.6.7.8',
    '12',
    '-1',
    '1e9',
    '/a b',
    'é',
    '\x80',
    'a'.repeat(300),
    'http://a/b',
    '[::1]:80',
  ],
]

/** Another spelling of the same name, as some server might take it. */
function spelled(name: string, pick: Pick): string {
  switch (pick(4)) {
    case 0:
      return name.toUpperCase()
    case 1:
      return name.replaceAll('-', '_')
    case 2:
      return name.replace(/[a-z]/, letter => letter.toUpperCase())
  }
  return name
}

const proxies = new TrustedProxies(['127.0.0.0/8'])

/** A proxy as it is configured in the guide: it sets its headers in place of what the client sent under exactly these names. */
function headersOnce(pick: Pick): void {
  const dialect = one([...dialects.values()], pick)
  const told: Record<string, string> = {
    [dialect.method]: 'PATCH',
    [dialect.uri]: '/told?by=proxy',
    [dialect.host]: 'told.example',
    'x-forwarded-for': '192.0.2.9',
  }
  const client: [string, string][] = Array.from({ length: pick(12) }, () => [
    spelled(one(names, pick), pick),
    one(values, pick),
  ])
  // Now and then a proxy that sets nothing: then there must be nothing, or the client's word, but never a mixture that throws.
  const sets = pick(8) !== 0
  const kept = sets ? client.filter(([name]) => !Object.hasOwn(told, name.toLowerCase())) : client
  const headers = sets ? [...kept, ...Object.entries(told)] : kept
  const order = pick(2) === 0 ? headers : headers.toReversed()
  const request = originalRequest(
    {
      id: 'i',
      time: 1,
      peer: '127.0.0.1',
      httpVersion: '1.1',
      rawHeaders: order.flat(),
      hasBody: pick(2) === 0,
    },
    dialect,
    proxies,
  )
  if (isNotTold(request)) {
    hold(request.where.length > 0 && request.mend.length > 0, 'a fault says neither where nor how to mend it')
    // A length that the client repeats is refused too: that is what nginx is configured to set.
    if (sets)
      hold(
        client.filter(([name]) => name.toLowerCase() === 'x-original-content-length').length > 1,
        `a request that was told is refused: ${request.fault}`,
      )
    return
  }
  if (sets) {
    hold(request.method === 'PATCH' && request.target === '/told?by=proxy', 'another request is decided on')
    hold(request.destination.host === 'told.example', 'another host is decided on')
    hold(request.source.ip === '192.0.2.9', 'another client is decided on')
  }
  hold(request.source.ip === undefined || isIP(request.source.ip) !== 0, 'a client is no address')
  for (const [index, [name]] of request.headers.entries()) {
    const plain = name.replaceAll('_', '-')
    hold(name === name.toLowerCase(), 'a name is not in lower case')
    hold(
      !plain.startsWith('x-forwarded-') && plain !== 'forwarded',
      'a forwarding header is taken for the client’s',
    )
    hold((plain === 'host') === (index === 0), 'there is not one host, at the beginning')
  }
}

const scalars: readonly unknown[] = [
  null,
  true,
  -1,
  1e308,
  '',
  'x',
  '/a',
  'GET',
  [],
  {},
  [['a', 'b']],
  '\u0000',
  '🙂',
]

function mutatedValue(value: unknown, pick: Pick): unknown {
  if (pick(6) === 0) return one(scalars, pick)
  if (Array.isArray(value)) return value.map(item => mutatedValue(item, pick))
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).flatMap(([name, field]) =>
    pick(8) === 0 ? [] : [[pick(10) === 0 ? '__proto__' : name, mutatedValue(field, pick)] as const],
  )
  return Object.fromEntries(fields)
}

const question = {
  source: { ip: '192.0.2.1', port: 1 },
  destination: { host: 'Shop.example:443', port: 443 },
  time: 1,
  id: 'c-1',
  handle: 'h',
  request: {
    method: 'POST',
    target: '/orders?a=b',
    httpVersion: '1.1',
    headers: [['Content-Type', 'application/json']],
    body: 'eyJhIjoxfQ==',
    bodyEncoding: 'base64',
    bodySize: 7,
    bodyTruncated: false,
  },
  response: { status: 200, headers: { a: 'b' }, body: '{}' },
}

function questionOnce(pick: Pick, guard: RecordingGuard): void {
  const counters = new CounterSet()
  const api = new DecisionApi(guard, counters, { maxOpen: 4, openMs: 100 })
  for (let left = 1 + pick(4), now = 1_000; left > 0; left -= 1, now += pick(80)) {
    const asked = mutatedValue(question, pick)
    try {
      const answer = one(
        [
          () => api.decide(asked, now),
          () => api.decideBody(asked, now),
          () => api.decideResponse(asked, now),
          () => api.observe(Array.isArray(asked) ? asked : [asked], now),
        ],
        pick,
      )()
      hold(JSON.stringify(answer).length > 2, 'an answer is empty')
    } catch (thrown) {
      if (!(thrown instanceof SallyportError)) throw thrown
      hold(
        thrown.status < 500 && thrown.where !== undefined && thrown.mend !== undefined,
        'an error does not help',
      )
    }
    hold(api.open <= 4, 'more wait than the bound says')
  }
  for (const { headers, target } of guard.admitted.splice(0)) {
    hold(target === '*' || target.startsWith('/'), 'a target is no path')
    for (const [name] of headers) hold(name === name.toLowerCase(), 'a name is not in lower case')
  }
  guard.exchanges.length = 0
}

const hello = (): Buffer =>
  new SpopWriter()
    .byte(frameTypes.haproxyHello)
    .uint32(1)
    .integer(0)
    .integer(0)
    .pair('supported-versions', '2.0')
    .pair('max-frame-size', 16_380)
    .pair('capabilities', 'pipelining')
    .frame()

const notify = (pick: Pick): Buffer => {
  const headers = new SpopWriter().text('Host').text('shop.example').text('X-A').text('b').text('').text('')
  const block = headers.frame().subarray(4).toString('latin1')
  return new SpopWriter()
    .byte(frameTypes.notify)
    .uint32(1)
    .integer(pick(1_000_000))
    .integer(1)
    .text(pick(4) === 0 ? 'sallyport-response' : 'sallyport-request')
    .byte(6)
    .pair('method', 'GET')
    .pair('target', '/free')
    .pair('headers', block)
    .pair('handle', 'h')
    .pair('status', 200)
    .pair('response', pick(2) === 0)
    .frame()
}

/** As much of a socket as an agent uses; what comes in is handled at once. */
class FakeSocket extends Duplex {
  readonly said: Buffer[] = []

  override _read(): void {}

  override _write(chunk: Buffer, _: unknown, done: () => void): void {
    this.said.push(chunk)
    done()
  }

  setTimeout(): this {
    return this
  }
}

function spopOnce(pick: Pick, guard: RecordingGuard): void {
  const clock = new ManualClock(1_000)
  const options = { ...defaultForwardAuthOptions, maxOpen: 3 }
  const agent = new SpoeAgent(guard, clock, new CounterSet(), options, () => {})
  const socket = new FakeSocket()
  agent.serve(socket as unknown as Socket)
  const frames = [
    pick(10) === 0 ? mutated(hello(), pick) : hello(),
    ...Array.from({ length: pick(6) }, () => mutated(notify(pick), pick)),
  ]
  const bytes = Buffer.concat(frames)
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + pick(120)
    socket.emit('data', bytes.subarray(at, at + size))
    at += size
  }
  agent.close()
  for (let said = Buffer.concat(socket.said); said.length > 0; ) {
    const length = said.readUInt32BE(0)
    hold(length <= said.length - 4, 'a frame is not as long as it says')
    hold(readFrame(said.subarray(4, 4 + length)).type > 100, 'a frame is none of an agent')
    said = said.subarray(4 + length)
  }
  guard.admitted.length = 0
  guard.exchanges.length = 0
}

/** What policies may say reaches proxies as headers: nothing in it may split an answer. */
function answerOnce(pick: Pick): void {
  const text = (): string => one([...values, 'a\r\nb: c', '\n', '\u0000', '“ß”', '🙂', '"\\'], pick)
  const common = {
    decisionId: 'd',
    policy: 'p',
    headers: [[one(names, pick), text()] as const, [text(), 'v'] as const],
  }
  const refusal = {
    ...common,
    action: one(['block', 'throttle', 'challenge'] as const, pick),
    status: one([401, 403, 404, 429, 503], pick),
    reason: text(),
    retryAfterSeconds: one([0.5, 7], pick),
  }
  const answers = [
    passAnswer({ ...common, action: 'amend' }),
    ...[...dialects.values()].map(dialect => refusalOf(refusal, dialect)),
  ]
  for (const { headers } of answers)
    for (const part of headers) hold(!/[\r\n\0\u0100-\uffff]/.test(part), 'a header splits an answer')
}

/** One input of each kind. @throws Law where something does not hold. */
function fuzzOnce(seed: number): void {
  const pick = numbers(seed)
  const verdict = (): Verdict =>
    one<Verdict>(
      [
        pass,
        pass,
        { action: 'block', decisionId: 'd', policy: 'p', status: 403, reason: 'No.' },
        {
          action: 'amend',
          decisionId: 'd',
          policy: 'p',
          headers: [['x-a', 'b\r\nc']],
          body: Buffer.from('x'),
        },
      ],
      pick,
    )
  const guard = new RecordingGuard(() => ({
    verdict: verdict(),
    needs: { requestBody: pick(2) === 0, response: pick(2) === 0, responseBody: pick(2) === 0 },
    decideBody: verdict,
    decideResponse: verdict,
  }))
  headersOnce(pick)
  questionOnce(pick, guard)
  spopOnce(pick, guard)
  answerOnce(pick)
}

export const forwardAuth: FuzzTarget = plain(
  'forward-auth',
  'the request that is decided on is the one that the proxy tells, or none; every answer can be read',
  3000,
  fuzzOnce,
)
