import type { Destination, Peer } from '../call/api-call.ts'
import type { RawBody, RawExchange } from '../call/raw-exchange.ts'

/** The request as an inline sensor holds it before it goes on. */
export interface GuardedRequest {
  readonly id: string
  /** Arrival, milliseconds since the epoch. */
  readonly time: number
  readonly source: Peer
  readonly destination: Destination
  readonly method: string
  readonly target: string
  readonly httpVersion: string
  readonly headers: readonly (readonly [name: string, value: string])[]
}

export interface GuardedResponse {
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/** It does not pass. `status` and `reason` are what the caller may see. */
export interface RefusalVerdict {
  readonly action: 'block' | 'throttle' | 'challenge'
  readonly decisionId: string
  readonly policy: string
  /** 4xx or 503; of a throttle 429, of a challenge 401 or 403. */
  readonly status: number
  /** A public sentence: never the policy's internals. */
  readonly reason: string
  /** The caller is to be told nothing but the status and the reason: not that a policy decided, nor which decision it was. */
  readonly cloaked?: true
  /** Only with 429. */
  readonly retryAfterSeconds?: number
  /** Further headers of the answer, lower-case names: `www-authenticate` of a challenge. */
  readonly headers?: readonly (readonly [name: string, value: string])[]
}

/**
 * It goes on, changed: a request on its way to the service, or an answer on its way to the caller. A sensor that cannot change
 * bodies (forward-auth, ext_authz) sets the headers, counts what it could not do and lets the body pass.
 */
export interface AmendVerdict {
  readonly action: 'amend'
  readonly decisionId: string
  readonly policy: string
  /** Set in place of headers of the same name; lower-case names. */
  readonly headers?: readonly (readonly [name: string, value: string])[]
  /** Takes the place of the whole body, in no content coding. Given only where the whole body was handed in. */
  readonly body?: Uint8Array
}

/** May it pass? `pass` is the frozen fast answer; anything else names its decision. */
export type Verdict = { readonly action: 'pass' } | AmendVerdict | RefusalVerdict

/** The request of an exchange as it is handed on: what was asked for, with what was seen of its body. */
export const recordedRequest = (
  { method, target, httpVersion, headers }: GuardedRequest,
  body: RawBody | undefined,
): RawExchange['request'] =>
  body === undefined
    ? { method, target, httpVersion, headers }
    : { method, target, httpVersion, headers, body }

/** Whether the verdict stops the message. */
export const refuses = (verdict: Verdict): verdict is RefusalVerdict =>
  verdict.action !== 'pass' && verdict.action !== 'amend'

export const pass: Verdict = Object.freeze({ action: 'pass' })

/**
 * What the policies in force need of this request before they can answer. The sensor buffers exactly that, up to its
 * inspection window, and streams everything else.
 */
export interface Needs {
  readonly requestBody: boolean
  readonly response: boolean
  readonly responseBody: boolean
}

/**
 * The engine as a sensor sees it. `admit` and the two `decide…` calls are synchronous, take microseconds and never
 * throw; a fault inside answers by the route class's fail-open or fail-closed rule. One `Admission` per request.
 */
export interface Guard {
  /** Called when the head is in: the answer if the head suffices, else what is needed for one. */
  admit(request: GuardedRequest): Admission
  /** Hands the finished exchange on; copies what it keeps, never blocks; what does not fit is dropped and counted. */
  observe(exchange: RawExchange): void
}

export interface Admission {
  readonly verdict: Verdict
  readonly needs: Needs
  /** Called once when `needs.requestBody`: the window of the body is in. */
  decideBody(body: RawBody): Verdict
  /** Called once when `needs.response`; with the body's window when `needs.responseBody`. */
  decideResponse(response: GuardedResponse, body: RawBody | undefined): Verdict
  /**
   * Called after a verdict of `admit` or `decideBody` that does not refuse, before the request goes on by it: where it rests on a budget
   * shared with others, the answer that takes its place, some milliseconds later at most; undefined, the rule, where it stands as it is.
   * Never rejects.
   */
  settle?(): Promise<Verdict> | undefined
}

/**
 * Hands over the verdict that counts: at once where it stands as it is, else as soon as the budgets it rests on have answered.
 * @param verdict of `admit` or `decideBody`
 */
export function settled(admission: Admission, verdict: Verdict, then: (verdict: Verdict) => void): void {
  const settling = refuses(verdict) ? undefined : admission.settle?.()
  if (settling === undefined) then(verdict)
  else void settling.then(then)
}
