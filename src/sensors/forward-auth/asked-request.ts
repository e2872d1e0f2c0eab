import type { RawBody, RawExchange } from '../../call/raw-exchange.ts'
import type { CounterSet } from '../../kit/counters.ts'
import { verdictAnswer } from '../gateway/problem-answer.ts'
import {
  type Admission,
  type AmendVerdict,
  type Guard,
  type GuardedRequest,
  type GuardedResponse,
  type RefusalVerdict,
  recordedRequest,
  refuses,
  type Verdict,
} from '../guard.ts'
import { answerable } from './header-answer.ts'

/** One request that somebody else carries and asks about: its two decisions, and the record of it. */
export class AskedRequest {
  readonly request: GuardedRequest
  readonly #admission: Admission
  readonly #counters: CounterSet
  #body: RawBody | undefined
  #last: RefusalVerdict | AmendVerdict | undefined
  #response: RawExchange['response']

  constructor(guard: Guard, request: GuardedRequest, counters: CounterSet) {
    this.request = request
    this.#counters = counters
    this.#admission = guard.admit(request)
    this.#keep(this.#admission.verdict)
  }

  get needs(): Admission['needs'] {
    return this.#admission.needs
  }

  /** Of the head alone; with what the body changed once that was decided on. */
  get verdict(): Verdict {
    return this.#last ?? this.#admission.verdict
  }

  /** Whether a verdict still needs the body: it does not once the head is refused. */
  get wantsBody(): boolean {
    return this.#admission.needs.requestBody && !refuses(this.verdict)
  }

  decideBody(body: RawBody): Verdict {
    this.#body = body
    this.#keep(this.#admission.decideBody(body))
    return this.verdict
  }

  /**
   * Where the request rests on budgets shared with others: resolves once they have answered, and `verdict` is what counts. To be called
   * before anything goes on by a verdict on the request.
   */
  settle(): Promise<void> | undefined {
    return refuses(this.verdict)
      ? undefined
      : this.#admission.settle?.()?.then(settled => this.#keep(settled))
  }

  /** Keeps the body for the record, where nothing is decided by it. */
  keepBody(body: RawBody): void {
    this.#body = body
  }

  decideResponse(response: GuardedResponse, body: RawBody | undefined): Verdict {
    const { needs } = this.#admission
    this.#response = { ...response, ...(body === undefined ? {} : { body }) }
    if (!needs.response && !needs.responseBody) return { action: 'pass' }
    const verdict = this.#admission.decideResponse(response, needs.responseBody ? body : undefined)
    if (verdict.action !== 'pass') this.#last = verdict
    return verdict
  }

  /** Counts what a verdict asks for that cannot be done where it was asked. */
  undone(part: 'request-body' | 'response' | 'response-body'): void {
    this.#counters.add(`sallyport_forward_auth_undone_total{part="${part}"}`)
  }

  /** The call as far as it was seen: of a refused one the answer is ours. */
  record(durationMs?: number): RawExchange {
    const { request } = this
    const last = this.#last
    const response = this.#response ?? (last !== undefined && refuses(last) ? ownAnswer(last) : undefined)
    return {
      id: request.id,
      time: request.time,
      ...(durationMs === undefined ? {} : { durationMs }),
      source: request.source,
      destination: request.destination,
      request: recordedRequest(request, this.#body),
      ...(response === undefined ? {} : { response }),
      ...(last === undefined
        ? {}
        : { verdict: { decisionId: last.decisionId, action: last.action, policy: last.policy } }),
    }
  }

  #keep(verdict: Verdict): void {
    if (verdict.action === 'pass') return
    const before = this.#last
    // What the head had changed stays changed, unless the body's verdict says otherwise.
    this.#last =
      verdict.action === 'amend' && before?.action === 'amend'
        ? { ...before, ...verdict, headers: merged(before.headers, verdict.headers) }
        : verdict
  }
}

const merged = (
  first: AmendVerdict['headers'] = [],
  second: AmendVerdict['headers'] = [],
): NonNullable<AmendVerdict['headers']> => [
  ...first.filter(([name]) => !second.some(([other]) => other === name)),
  ...second,
]

function ownAnswer(verdict: RefusalVerdict): NonNullable<RawExchange['response']> {
  const { status, headers, body } = verdictAnswer({ ...verdict, headers: answerable(verdict.headers) })
  const pairs: [string, string][] = []
  for (let index = 0; index < headers.length; index += 2)
    pairs.push([headers[index]!.toLowerCase(), headers[index + 1]!])
  return { status, headers: pairs, body: { bytes: body, size: body.length, truncated: false } }
}
