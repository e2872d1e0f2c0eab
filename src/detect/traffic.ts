import type { Observation } from '../baseline/observation.ts'
import { outcomeOf } from '../baseline/outcome.ts'
import type { ApiCall } from '../call/api-call.ts'
import type { Content, Json } from '../call/content.ts'
import type { Claims, Credential, TokenOddity } from '../call/credential.ts'
import { readOperations } from '../call/protocols/index.ts'
import type { Workload } from '../call/workload.ts'
import type { Match } from '../catalog/endpoint.ts'
import { withObjects } from '../catalog/operations/operation-directory.ts'
import type { Identity } from '../identity/identity.ts'
import { SallyportError } from '../kit/error.ts'
import { stableHash } from '../kit/hash.ts'
import { callId, type EndpointId, endpointId, type Fingerprint, principalId, tenantId } from '../kit/id.ts'

/**
 * The small traffic language of examples, tests and reference pages. One line is one or many calls:
 *
 *     [learn] ACTORS METHOD TARGET [option…] [every 5s] [x 3] -> STATUS [JSON]
 *     wait 2h
 *
 * `ACTORS`: `alice`, `alice,bob`, `anonymous`. `TARGET`: segments with `{…}` are placeholders of the template and hold a
 * value (`{7}`, `{bob}`), a range (`{1..41}`), a list (`{7|12|99}`) or `{self}`. In the answer, in `body` and in
 * options `{self}` is the actor and `{id}` the last placeholder's value, `{n}` the number of the call, `{token:t1}` the mark of a token.
 * Options: `tenant=acme roles=support,admin ip=203.0.113.7 agent=curl ja4=… token=t1 exp=+10m kind=service host=… body={…}`, and
 * `from=shop/web to=shop/orders#orders-7f9c4b-x2x2x@v2 trace=t1` for the workloads at its ends (`namespace/name#pod@version`) and its trace,
 * `act=helper` for who acts for the actor (the token's `act`, the nearest first),
 * `ms=40` for the time until the answer, `sends.x-tenant=acme` and `gets.location=…` for headers of the request and of the answer.
 * Calls of GraphQL, JSON-RPC, MCP and language models are about the operation that their body asks for.
 * `learn` marks history: learned from, nothing raised. Time starts at 2026-03-02T09:00Z and moves by `every`
 * (1 s when absent). Passwords and tokens in bodies are written as they are known past the sensor.
 */
export interface TrafficCall {
  readonly call: ApiCall
  readonly identity: Identity
  readonly match: Match
  readonly learning: boolean
}

const start = Date.UTC(2026, 2, 2, 9)
const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const mostCalls = 5_000

/** Tag and function alike: `` traffic`alice GET /me -> 200` `` or `traffic(text)`. */
export function traffic(
  text: TemplateStringsArray | string,
  ...values: readonly unknown[]
): readonly TrafficCall[] {
  const source = typeof text === 'string' ? text : String.raw({ raw: text.raw }, ...values)
  const calls: TrafficCall[] = []
  const clock = new TrafficClock()
  for (const [index, raw] of source.split('\n').entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#') || clock.waits(line)) continue
    for (const call of trafficLine(line, index + 1, clock)) calls.push(call)
  }
  return calls
}

/** Where in time and in number the lines have come to. */
export class TrafficClock {
  time = start
  number = 0

  /** Is the line `wait 2h`? Then time has passed. */
  waits(line: string): boolean {
    const [, count, unit] = /^wait (\d+)(ms|s|m|h|d)$/.exec(line) ?? []
    if (count === undefined) return false
    this.time += Number(count) * (units[unit ?? 's'] ?? 1_000)
    return true
  }

  /** The number of one more call or event. @throws SallyportError where there are too many */
  count(line: number): number {
    this.number += 1
    if (this.number > mostCalls) throw bad(line, `more than ${mostCalls} calls`)
    return this.number
  }
}

/** The calls of one line, and the clock after them. */
export function trafficLine(line: string, position: number, clock: TrafficClock): readonly TrafficCall[] {
  const calls: TrafficCall[] = []
  const parsed = parseLine(line, position)
  for (const actor of parsed.actors) {
    for (let round = 0; round < parsed.times; round += 1) {
      for (const values of expand(parsed.segments, actor)) {
        calls.push(makeCall(parsed, actor, values, clock.count(position), clock.time))
        clock.time += parsed.every
      }
    }
  }
  return calls
}

/** `[cluster/][namespace/]name[#pod][@version]` */
export function readWorkload(text: string): Workload {
  const [, path = '', pod, version] = /^([^#@]{1,200})(?:#([^@]{1,100}))?(?:@(.{1,50}))?$/.exec(text) ?? []
  const [name, namespace, cluster] = path.split('/').reverse()
  return {
    ...(cluster === undefined ? {} : { cluster }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(pod === undefined ? {} : { pod }),
    ...(version === undefined ? {} : { version }),
  }
}

/** The calls as observations, in order. */
export function* observations(calls: readonly TrafficCall[]): Generator<Observation> {
  for (const { call, identity, match, learning } of calls)
    yield { call, identity, match, outcome: outcomeOf(call), learning }
}

export const bad = (line: number, what: string): SallyportError =>
  new SallyportError('usage/invalid-argument', `The traffic cannot be read: ${what}.`, {
    where: `line ${line}`,
  })

interface Line {
  readonly learning: boolean
  readonly actors: readonly string[]
  readonly method: string
  readonly path: string
  readonly segments: readonly string[]
  readonly query: string
  readonly options: ReadonlyMap<string, string>
  readonly body: string | undefined
  readonly every: number
  readonly times: number
  readonly status: number
  readonly answer: string | undefined
}

function parseLine(line: string, number: number): Line {
  const arrow = line.indexOf(' -> ')
  if (arrow < 0) throw bad(number, 'an arrow and a status are missing')
  let left = line.slice(0, arrow)
  const [, status = '', answer] = /^(\d{3})(?: ([\s\S]+))?$/.exec(line.slice(arrow + 4).trim()) ?? []
  if (status === '') throw bad(number, 'the status is not three digits')
  let body: string | undefined
  const at = left.indexOf(' body=')
  if (at >= 0) {
    const end = endOfJson(left, at + 6)
    body = left.slice(at + 6, end)
    left = left.slice(0, at) + left.slice(end)
  }
  const words = left.split(/ +/).filter(word => word !== '')
  const learning = words[0] === 'learn'
  if (learning) words.shift()
  const actors = (words.shift() ?? '').split(',')
  const options = new Map<string, string>()
  while (words[0]?.includes('=') === true) setOption(options, words.shift() ?? '')
  const method = words.shift() ?? ''
  const target = words.shift() ?? ''
  if (!/^[A-Z]{2,8}$/.test(method) || !target.startsWith('/'))
    throw bad(number, 'method and target are missing')
  let every = 1_000
  let times = 1
  while (words.length > 0) {
    const word = words.shift() ?? ''
    if (word === 'every') {
      const [, count = '', unit = ''] = /^(\d+)(ms|s|m|h|d)$/.exec(words.shift() ?? '') ?? []
      if (count === '') throw bad(number, 'every needs a duration such as 5s')
      every = Number(count) * (units[unit] ?? 1_000)
    } else if (word === 'x') times = Number(words.shift())
    else if (word.includes('=')) setOption(options, word)
    else throw bad(number, `unexpected "${word}"`)
  }
  const question = target.indexOf('?')
  const path = question < 0 ? target : target.slice(0, question)
  return {
    learning,
    actors,
    method,
    path,
    segments: path.split('/').slice(1),
    query: question < 0 ? '' : target.slice(question + 1),
    options,
    body,
    every,
    times,
    status: Number(status),
    answer,
  }
}

function setOption(options: Map<string, string>, word: string): void {
  const equals = word.indexOf('=')
  options.set(word.slice(0, equals), word.slice(equals + 1))
}

/** The end of a JSON value that begins at `from`: the next blank outside braces and strings. */
function endOfJson(text: string, from: number): number {
  let depth = 0
  let quoted = false
  for (let at = from; at < text.length; at += 1) {
    const char = text[at]
    if (quoted) {
      if (char === '\\') at += 1
      else if (char === '"') quoted = false
    } else if (char === '"') quoted = true
    else if (char === '{' || char === '[') depth += 1
    else if (char === '}' || char === ']') depth -= 1
    else if (char === ' ' && depth === 0) return at
  }
  return text.length
}

/** The values a segment with a placeholder takes; a segment may have text around it. */
function expand(segments: readonly string[], actor: string): readonly (readonly string[])[] {
  let rows: string[][] = [[]]
  for (const segment of segments) {
    let texts = ['']
    let rest = segment
    for (;;) {
      const open = rest.indexOf('{')
      const close = rest.indexOf('}', open)
      if (open < 0 || close < 0) break
      const before = rest.slice(0, open)
      const values = valuesOf(rest.slice(open + 1, close), actor)
      texts = texts.flatMap(text => values.map(value => text + before + value))
      rest = rest.slice(close + 1)
    }
    texts = texts.map(text => text + rest)
    rows = rows.flatMap(row => texts.map(text => [...row, text]))
  }
  return rows
}

function valuesOf(inside: string, actor: string): readonly string[] {
  if (inside === 'self') return [actor]
  const range = /^(\d+)\.\.(\d+)$/.exec(inside)
  if (range === null) return inside.split('|')
  const values: string[] = []
  for (let value = Number(range[1]); value <= Number(range[2]) && values.length <= mostCalls; value += 1)
    values.push(String(value))
  return values
}

function makeCall(
  line: Line,
  actor: string,
  values: readonly string[],
  number: number,
  time: number,
): TrafficCall {
  const fillIn = (text: string): string =>
    text
      .replaceAll('{self}', actor)
      .replaceAll('{id}', lastParam)
      .replaceAll('{n}', String(number))
      .replace(/\{token:([a-z0-9-]{1,40})\}/g, (_, name: string) => tokenMark(name).slice(0, 12))
  const params: [string, string][] = []
  let template = ''
  for (const [index, segment] of line.segments.entries()) {
    const value = values[index] ?? ''
    if (!segment.includes('{')) template += `/${segment}`
    else {
      const before = line.segments[index - 1] ?? ''
      const noun = /^[a-z]+s$/.test(before) ? before.slice(0, -1) : ''
      const name =
        noun === '' || params.some(([known]) => known === `${noun}Id`)
          ? `param${params.length + 1}`
          : `${noun}Id`
      template += `/{${name}}`
      params.push([name, decodeURIComponent(value)])
    }
  }
  const lastParam = params.at(-1)?.[1] ?? ''
  const option = (name: string): string | undefined => {
    const value = line.options.get(name)
    return value === undefined ? undefined : fillIn(value)
  }
  const anonymous = actor === 'anonymous'
  const tenant = option('tenant')
  const roles = option('roles')?.split(',') ?? []
  const kind = option('kind') === 'service' ? 'service' : option('kind') === 'agent' ? 'agent' : 'user'
  const agent = option('agent') ?? 'shop-app/4.2'
  const ip = option('ip') ?? `198.51.100.${1 + (Number.parseInt(stableHash([actor], 4), 16) % 250)}`
  const ja4 = option('ja4') ?? `t13d1516h2_${stableHash([agent], 12)}_000000000000`
  const device = stableHash([ja4, agent, ip.split('.').slice(0, 3).join('.')], 12)
  const token = tokenMark(option('token') ?? actor)
  const acting = option('act')
  const exp = /^([+-]?\d+)(s|m|h|d)$/.exec(option('exp') ?? '')
  const claims: Claims = anonymous
    ? {}
    : {
        sub: actor,
        ...(tenant === undefined ? {} : { tenant }),
        ...(exp === null
          ? {}
          : { exp: Math.floor((start + Number(exp[1]) * (units[exp[2] ?? 's'] ?? 1_000)) / 1_000) }),
        ...(JSON.parse(option('claims') ?? '{}') as Claims),
      }
  const credential: Credential = {
    scheme: 'bearer-jwt',
    at: 'header:authorization',
    fingerprint: token,
    subject: actor,
    claims,
    ...credentialOptions(option),
  }
  const identity: Identity = anonymous
    ? {
        principal: principalId('anonymous', device),
        kind: 'anonymous',
        name: device,
        roles: [],
        claims: {},
        confidence: 0.3,
        device,
        evidence: 'Device',
      }
    : {
        principal: principalId(kind, actor),
        kind,
        name: actor,
        ...(tenant === undefined ? {} : { tenant: tenantId(tenant) }),
        roles,
        token,
        claims,
        ...(acting === undefined ? {} : { actors: acting.split(',') }),
        confidence: 1,
        device,
        evidence: 'JWT subject',
      }
  const host = option('host') ?? 'api.shop.example'
  const [from, to, trace, duration] = [option('from'), option('to'), option('trace'), option('ms')]
  const path = `/${values.join('/')}`
  const query = fillIn(line.query)
  const call: ApiCall = {
    type: 'call',
    id: callId(`t-${String(number).padStart(5, '0')}`),
    time,
    source: { ip, ja4, ...(from === undefined ? {} : { workload: readWorkload(from) }) },
    destination: { host, ...(to === undefined ? {} : { workload: readWorkload(to) }) },
    request: {
      method: line.method,
      target: query === '' ? path : `${path}?${query}`,
      path,
      query: query === '' ? [] : [...new URLSearchParams(query)],
      httpVersion: '1.1',
      headers: [
        ['host', host],
        ['user-agent', agent.replaceAll('_', ' ')],
        ...headersOf(line.options, 'sends.').map(([name, value]) => [name, fillIn(value)] as const),
      ],
      content: contentOf(line.body === undefined ? undefined : fillIn(line.body)),
      bodySize: line.body?.length ?? 0,
      bodyTruncated: false,
    },
    response: {
      status: line.status,
      headers: headersOf(line.options, 'gets.'),
      content: contentOf(line.answer === undefined ? undefined : fillIn(line.answer)),
      bodySize: line.answer?.length ?? 0,
      bodyTruncated: false,
    },
    credentials: anonymous ? [] : [credential],
    ...(duration === undefined ? {} : { durationMs: Number(duration) }),
    ...(trace === undefined ? {} : { trace: { traceId: trace } }),
  }
  return {
    call,
    identity,
    match: matchOf(call, template, params),
    learning: line.learning,
  }
}

/** `alg=none check=invalid kid=k1 odd=jku`: what is known of a token besides its claims. */
function credentialOptions(
  option: (name: string) => string | undefined,
): Pick<Credential, 'algorithm' | 'keyId' | 'oddities' | 'verification'> {
  const [algorithm, keyId, odd] = [option('alg'), option('kid'), option('odd')]
  const check = option('check') ?? (algorithm === 'none' ? 'unverified' : 'verified')
  const oddities = algorithm === 'none' ? ['unsigned'] : odd?.split(',')
  return {
    ...(algorithm === undefined ? {} : { algorithm }),
    ...(keyId === undefined ? {} : { keyId }),
    ...(oddities === undefined ? {} : { oddities: oddities as readonly TokenOddity[] }),
    verification: check === 'invalid' || check === 'unverified' ? check : 'verified',
  }
}

const tokenMark = (name: string): Fingerprint => stableHash(['token', name], 32) as Fingerprint

/** What stands behind `prefix` in the options, as headers. */
const headersOf = (options: ReadonlyMap<string, string>, prefix: string): [string, string][] =>
  [...options].flatMap(([name, value]) =>
    name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
  )

/** Its place: of a protocol with operations, the one it asks for. */
function matchOf(call: ApiCall, template: string, params: readonly [string, string][]): Match {
  const endpoint = endpointId(call.request.method, call.destination.host, template)
  const [operation] = readOperations(call)
  if (operation === undefined) return { endpoint, template, params }
  return {
    endpoint: `${endpoint}#${operation.name}` as EndpointId,
    template,
    params: withObjects(params, operation.objects),
    operation,
  }
}

function contentOf(text: string | undefined): Content {
  if (text === undefined) return { kind: 'empty' }
  try {
    return { kind: 'json', value: JSON.parse(text) as Json }
  } catch {
    return { kind: 'text', text }
  }
}
