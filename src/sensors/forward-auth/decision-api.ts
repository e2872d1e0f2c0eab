import { exchangeFrom } from '../../call/event-line.ts'
import { isRecord, type JsonRecord } from '../../call/field-reader.ts'
import type { RawBody, RawExchange } from '../../call/raw-exchange.ts'
import type { CounterSet } from '../../kit/counters.ts'
import { SallyportError } from '../../kit/error.ts'
import type { Rejection } from '../../kit/rejection.ts'
import { ExchangeIds } from '../gateway/exchange-id.ts'
import type { HeaderPair } from '../gateway/header-pair.ts'
import { type Guard, refuses, type Verdict } from '../guard.ts'
import { AskedRequest } from './asked-request.ts'
import { answerable } from './header-answer.ts'
import { OpenTable } from './open-table.ts'
import { hostName, isTarget } from './original-request.ts'

/** What a decision says over the wire. */
export interface DecisionAnswer {
  readonly action: Verdict['action']
  /** Of the call: hand the finished exchange on under it. */
  readonly id?: string
  /** Where more is to be decided: name it in the next question, within a minute. */
  readonly handle?: string
  readonly decisionId?: string
  readonly policy?: string
  readonly status?: number
  readonly reason?: string
  readonly retryAfterSeconds?: number
  readonly headers?: readonly HeaderPair[]
  /** Base64: takes the place of the whole body. */
  readonly body?: string
  readonly needs?: {
    readonly requestBody: boolean
    readonly response: boolean
    readonly responseBody: boolean
  }
}

/** What became of a batch of finished exchanges. */
export interface ObserveAnswer {
  readonly accepted: number
  readonly rejected: number
  /** The first ten. */
  readonly rejections: readonly { readonly position: number; readonly reason: string }[]
}

const aheadMs = 300_000
const toldRejections = 10

/** The questions that applications ask themselves, as JSON: what may pass, what may be answered, and what happened. */
export class DecisionApi {
  readonly #guard: Guard
  readonly #counters: CounterSet
  readonly #ids = new ExchangeIds()
  readonly #open: OpenTable<AskedRequest>

  constructor(
    guard: Guard,
    counters: CounterSet,
    bounds: { readonly maxOpen: number; readonly openMs: number },
  ) {
    this.#guard = guard
    this.#counters = counters
    this.#open = new OpenTable(bounds.maxOpen, bounds.openMs, (_, why) =>
      counters.add(`sallyport_decision_api_given_up_total{why="${why}"}`),
    )
  }

  /** Questions that wait for their second half. */
  get open(): number {
    return this.#open.size
  }

  /** A promise only where it rests on budgets shared with others. @throws SallyportError `request/malformed` */
  decide(value: unknown, now: number): DecisionAnswer | Promise<DecisionAnswer> {
    const asked = this.#read({ ...record(value, 'the question'), time: now, id: this.#ids.next(now) })
    const { body, ...head } = asked.request
    const request = new AskedRequest(
      this.#guard,
      {
        id: asked.id,
        time: now,
        source: asked.source,
        destination: asked.destination,
        method: head.method,
        target: head.target,
        httpVersion: head.httpVersion,
        headers: head.headers,
      },
      this.#counters,
    )
    let decided = !request.wantsBody
    if (!decided && body !== undefined) {
      request.decideBody(body)
      decided = true
    }
    return this.#settle(request, decided, now)
  }

  /** The body of a request whose head was decided on before. @throws SallyportError `request/malformed`, `resource/not-found` */
  decideBody(value: unknown, now: number): DecisionAnswer | Promise<DecisionAnswer> {
    const fields = record(value, 'the question')
    const request = this.#take(fields, now)
    const { body } = this.#read({
      time: now,
      request: { method: 'GET', target: '/', ...record(fields.request, 'request') },
    }).request
    request.decideBody(body ?? noBody)
    return this.#settle(request, true, now)
  }

  /** The answer that the service would give. @throws SallyportError `request/malformed`, `resource/not-found` */
  decideResponse(value: unknown, now: number): DecisionAnswer {
    const fields = record(value, 'the question')
    const given = this.#read({
      time: now,
      request: { method: 'GET', target: '/' },
      response: record(fields.response, 'response'),
    }).response!
    const request = this.#take(fields, now)
    const { body, status, headers } = given
    return told(request.decideResponse({ status, headers }, body))
  }

  /**
   * Finished exchanges, each an event line that is parsed already. What cannot be read is told, the rest is taken. One whose time lies more
   * than five minutes ahead of `now` is refused: it would make everything else look old.
   */
  observe(values: readonly unknown[], now: number): ObserveAnswer {
    const rejections: { position: number; reason: string }[] = []
    let accepted = 0
    for (let index = 0; index < values.length; index += 1) {
      const reason = this.#observe(values[index], now)
      if (reason === undefined) accepted += 1
      else rejections.push({ position: index + 1, reason })
    }
    this.#counters.add('sallyport_decision_api_observed_total', accepted)
    this.#counters.add('sallyport_decision_api_rejected_total', rejections.length)
    return { accepted, rejected: rejections.length, rejections: rejections.slice(0, toldRejections) }
  }

  sweep(now: number): void {
    this.#open.sweep(now)
  }

  #observe(value: unknown, now: number): string | undefined {
    if (!isRecord(value)) return 'It is not an object.'
    const id = typeof value.id === 'string' && value.id !== '' ? value.id.slice(0, 128) : this.#ids.next(now)
    const exchange = exchangeFrom({ ...value, id }, 'the decision API', 0)
    if (isRejected(exchange)) return exchange.reason
    if (exchange.time > now + aheadMs) return '`time` lies in the future.'
    this.#guard.observe(normal(exchange))
    return undefined
  }

  #settle(request: AskedRequest, decided: boolean, now: number): DecisionAnswer | Promise<DecisionAnswer> {
    const answer = (): DecisionAnswer => this.#answer(request, decided, now)
    return request.settle()?.then(answer) ?? answer()
  }

  #answer(request: AskedRequest, decided: boolean, now: number): DecisionAnswer {
    const { verdict, needs } = request
    const answer = { ...told(verdict), id: request.request.id }
    if (refuses(verdict)) return answer
    const remaining = {
      requestBody: !decided,
      response: needs.response || needs.responseBody,
      responseBody: needs.responseBody,
    }
    if (decided && !remaining.response) return { ...answer, needs: remaining }
    this.#open.put(request.request.id, request, now)
    return { ...answer, handle: request.request.id, needs: remaining }
  }

  #take(fields: JsonRecord, now: number): AskedRequest {
    const { handle } = fields
    if (typeof handle !== 'string')
      throw new SallyportError('request/malformed', '`handle` is missing.', {
        where: 'handle',
        mend: 'Give the handle that /v1/decide answered with.',
      })
    const request = this.#open.take(handle, now)
    if (request === undefined)
      throw new SallyportError('resource/not-found', 'No decision is open under this handle.', {
        where: 'handle',
        mend: 'A handle holds for a minute and for each phase once: decide on the request again.',
      })
    return request
  }

  #read(value: JsonRecord): RawExchange {
    const exchange = exchangeFrom(value, 'the decision API', 0)
    if (isRejected(exchange))
      throw new SallyportError('request/malformed', exchange.reason, {
        where: /`([^`]{1,100})`/.exec(exchange.reason)?.[1] ?? 'body',
        mend: 'Write the request as in an event line (guide/forward-auth.md).',
      })
    if (!isTarget(exchange.request.target))
      throw new SallyportError('request/malformed', '`request.target` is not a path.', {
        where: 'request.target',
        mend: 'Give the path and query as sent: it begins with / and holds no spaces.',
      })
    return normal(exchange)
  }
}

const noBody: RawBody = Object.freeze({ bytes: new Uint8Array(0), size: 0, truncated: false })

const isRejected = (value: RawExchange | Rejection): value is Rejection => 'reason' in value

function record(value: unknown, where: string): JsonRecord {
  if (isRecord(value)) return value
  throw new SallyportError('request/malformed', 'A JSON object is expected.', {
    where,
    mend: 'Send an object, with content-type application/json.',
  })
}

/** Names of headers in lower case, the host as every sensor writes it. */
function normal(exchange: RawExchange): RawExchange {
  const { request, response, destination } = exchange
  return {
    ...exchange,
    destination: { ...destination, host: hostName(destination.host) },
    request: { ...request, headers: lower(request.headers) },
    ...(response === undefined ? {} : { response: { ...response, headers: lower(response.headers) } }),
  }
}

const lower = (headers: readonly HeaderPair[]): readonly HeaderPair[] =>
  headers.map(([name, value]) => [name.toLowerCase(), value] as const)

function told(verdict: Verdict): DecisionAnswer {
  if (verdict.action === 'pass') return { action: 'pass' }
  const { action, decisionId, policy } = verdict
  const headers = answerable(verdict.headers)
  const common = { action, decisionId, policy, ...(headers.length === 0 ? {} : { headers }) }
  if (verdict.action === 'amend')
    return {
      ...common,
      ...(verdict.body === undefined ? {} : { body: Buffer.from(verdict.body).toString('base64') }),
    }
  const throttled = verdict.action === 'throttle'
  const retry = verdict.retryAfterSeconds ?? (throttled ? 1 : undefined)
  return {
    ...common,
    status: throttled ? 429 : verdict.status,
    reason: verdict.reason,
    ...(retry === undefined ? {} : { retryAfterSeconds: Math.max(0, Math.ceil(retry)) }),
  }
}
