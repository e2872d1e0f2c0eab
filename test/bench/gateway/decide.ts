import { parseArgs } from 'node:util'
import type { OwnerBinding } from '../../../src/baseline/owner-binding.ts'
import type { RawBody, RawExchange } from '../../../src/call/raw-exchange.ts'
import { Redactor } from '../../../src/call/redactor.ts'
import { Enforcement } from '../../../src/enforce/enforcement.ts'
import { DecidingGuard } from '../../../src/engine/deciding-guard.ts'
import { createRing, RingWriter } from '../../../src/engine/ring.ts'
import { systemClock } from '../../../src/kit/clock.ts'
import { CounterSet } from '../../../src/kit/counters.ts'
import { endpointId } from '../../../src/kit/id.ts'
import type { GuardedRequest } from '../../../src/sensors/guard.ts'
import { host, policies, templates } from './policies.ts'
import { round } from './statistics.ts'
import { answer, workloads } from './workload.ts'

/**
 * What deciding on a request and handing it to analysis cost inside the gateway's thread, without its sockets: microseconds of each
 * step, the median over all requests, and of the decision as a whole the 99th percentile. Heads are read from bytes anew for every request, so that
 * no string is known by its address.
 *
 * `node test/bench/gateway/decide.ts [--policies N] [--rounds N] [--requests N]`
 */
const { values } = parseArgs({
  options: {
    policies: { type: 'string', default: '2,500' },
    rounds: { type: 'string', default: '9' },
    requests: { type: 'string', default: '5000' },
  },
})
const rounds = Number(values.rounds)
const requests = Number(values.requests)

/** One kind of request: how its head, body and answer read. */
interface Traffic {
  readonly name: string
  /** Differs by `index` where callers differ. */
  head(index: number): Buffer
  readonly body: Buffer | undefined
  answer(index: number): Buffer
}

const headOf = (method: string, target: string, headers: Readonly<Record<string, string>>): Buffer =>
  Buffer.from(
    [`${method} ${target} HTTP/1.1`, ...Object.entries(headers).map(pair => pair.join(': '))].join('\r\n'),
  )

const answerBytes = Buffer.from(answer)
const fixed: readonly Traffic[] = workloads.map(({ name, method, target, headers, body }) => {
  const head = headOf(method, target, {
    ...headers,
    ...(body === undefined ? {} : { 'Content-Length': String(body.length) }),
  })
  return {
    name,
    head: () => head,
    body: body === undefined ? undefined : Buffer.from(body),
    answer: () => answerBytes,
  }
})

const callers = 2_000
const segment = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const [, post] = workloads
const heads = Array.from({ length: callers }, (_, caller) => {
  const token = `${segment({ alg: 'ES256', kid: 'k1' })}.${segment({ sub: `user-${caller}`, scope: 'orders:read' })}.${Buffer.alloc(64, caller % 256).toString('base64url')}`
  return headOf('GET', `/orders/${90_000 + caller}?expand=items&currency=EUR`, {
    ...post!.headers,
    'User-Agent': `shop-app/7.${caller % 40} (Android ${9 + (caller % 8)}; Pixel ${caller % 10})`,
    Authorization: `Bearer ${token}`,
    Cookie: `theme=dark; cart=c-${caller}-${caller * 7}`,
  })
})
const answers = Array.from({ length: callers }, (_, caller) =>
  Buffer.from(JSON.stringify({ id: 90_000 + caller, ownerId: `user-${caller}`, ...JSON.parse(answer) })),
)
const callerOf = (index: number): number => (index * 7919) % callers
/** Two thousand callers who read their own orders, each answer judged by its owner. */
const owned: Traffic = {
  name: 'owned',
  head: index => heads[callerOf(index)]!,
  body: undefined,
  answer: index => answers[callerOf(index)]!,
}
const traffics = [...fixed, owned]

const source = { ip: '198.51.100.7', port: 40_112 }
const destination = { host, port: 8080 }

/** As a gateway does it: names and values are pieces of the head's text. */
function read(head: Buffer, index: number): GuardedRequest {
  const lines = head.toString('latin1').split('\r\n')
  const [method = '', target = ''] = lines[0]!.split(' ')
  const headers = lines.slice(1).map(line => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 2)] as const
  })
  return {
    id: `0mhx${String(1_000_000 + index)}abcdef`,
    time: 1_790_000_000_000 + index,
    source,
    destination,
    method,
    target,
    httpVersion: '1.1',
    headers,
  }
}

const answerHeaders = [
  ['server', 'nginx'],
  ['content-type', 'application/json'],
  ['connection', 'keep-alive'],
  ['x-request-id', '5f0c1f6e-6a39-4c77-9d3c-0f6d2f4b8a11'],
] as const

const steps = ['admit', 'body', 'response', 'observe', 'decision', 'all'] as const

class Run {
  readonly #guard: DecidingGuard
  readonly #ring = createRing(2 ** 24)
  readonly #traffic: Traffic
  #taken: Record<(typeof steps)[number], number[]> | undefined

  constructor(traffic: Traffic, count: number) {
    this.#traffic = traffic
    const writer = new RingWriter(this.#ring)
    const enforcement = new Enforcement({ clock: systemClock, instance: 'g0' })
    this.#guard = new DecidingGuard({
      redactor: new Redactor({ key: Buffer.alloc(32, 5) }),
      enforcement,
      hand: (exchange, inspection) => writer.write(exchange, inspection),
      counters: new CounterSet(),
    })
    const routes = templates.flatMap(template =>
      ['GET', 'POST', 'PUT', 'DELETE'].map(method => ({
        endpoint: endpointId(method, host, template),
        host,
        method,
        template,
      })),
    )
    const binding: OwnerBinding = {
      endpoint: endpointId('GET', host, '/orders/{orderId}'),
      scope: 'user',
      field: 'ownerId',
      claim: 'sub',
      seen: 900,
      agreement: 1,
      principals: 80,
      exemptRoles: [],
    }
    this.#guard.learn({
      version: 1,
      routes: { version: 1, routes },
      owners: [binding],
      sessions: { cookies: [], sessions: [] },
    })
    const problems = enforcement.update({
      version: 1,
      bypass: false,
      policies: policies(count),
      quarantine: [{ id: 'q-1', kind: 'principal', target: 'user:eve', expiresAt: 4e12 }],
    })
    if (problems.some(({ severity }) => severity === 'error')) throw new Error(problems[0]?.message)
  }

  /** The first rounds are the compiler's. */
  begin(): void {
    this.#taken = { admit: [], body: [], response: [], observe: [], decision: [], all: [] }
  }

  round(count: number): void {
    for (let index = 0; index < count; index += 1) {
      const request = read(this.#traffic.head(index), index)
      const { body } = this.#traffic
      const answer = this.#traffic.answer(index)
      const began = performance.now()
      const admission = this.#guard.admit(request)
      const admitted = performance.now()
      if (admission.needs.requestBody && body !== undefined) admission.decideBody(whole(body))
      const bodied = performance.now()
      const response = { status: 200, headers: answerHeaders }
      if (admission.needs.response)
        admission.decideResponse(response, admission.needs.responseBody ? whole(answer) : undefined)
      const decided = performance.now()
      this.#guard.observe(record(request, body, answer))
      const ended = performance.now()
      this.#drain()
      const taken = this.#taken
      if (taken === undefined) continue
      taken.admit.push(admitted - began)
      taken.body.push(bodied - admitted)
      taken.response.push(decided - bodied)
      taken.observe.push(ended - decided)
      taken.decision.push(decided - began)
      taken.all.push(ended - began)
    }
  }

  /** Analysis keeps up: what was written is taken at once. */
  #drain(): void {
    const state = new Int32Array(this.#ring.state)
    Atomics.store(state, 1, Atomics.load(state, 0))
  }

  /** Microseconds: the middle of each step, and of the decision the 99th of a hundred. */
  result(): readonly number[] {
    const at = (step: (typeof steps)[number], share: number): number => {
      const sorted = (this.#taken?.[step] ?? []).toSorted((a, b) => a - b)
      return round((sorted[Math.floor(sorted.length * share)] ?? 0) * 1_000)
    }
    return [...steps.map(step => at(step, 0.5)), at('decision', 0.99)]
  }
}

const whole = (bytes: Uint8Array): RawBody => ({ bytes, size: bytes.length, truncated: false })

const record = (request: GuardedRequest, body: Buffer | undefined, answer: Buffer): RawExchange => ({
  id: request.id,
  time: request.time,
  durationMs: 3,
  sensor: 'gateway',
  source: request.source,
  destination: request.destination,
  request: {
    method: request.method,
    target: request.target,
    httpVersion: request.httpVersion,
    headers: request.headers,
    ...(body === undefined ? {} : { body: whole(body) }),
  },
  response: { status: 200, headers: answerHeaders, body: whole(answer) },
})

const runs = values.policies
  .split(',')
  .flatMap(count => traffics.map(traffic => ({ count, traffic, run: new Run(traffic, Number(count)) })))
for (const { run } of runs) for (let warm = 0; warm < 2; warm += 1) run.round(requests)
for (const { run } of runs) run.begin()
for (let turn = 0; turn < rounds; turn += 1) for (const { run } of runs) run.round(requests)

process.stdout.write(
  `${'policies'.padEnd(10)}${'traffic'.padEnd(9)}${[...steps, 'p99'].map(name => name.padStart(10)).join('')}   µs\n`,
)
for (const { count, traffic, run } of runs) {
  const cells = run.result().map(value => String(value).padStart(10))
  process.stdout.write(`${count.padEnd(10)}${traffic.name.padEnd(9)}${cells.join('')}\n`)
}
