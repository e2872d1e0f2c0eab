/** A header as name (lower case) and value, in the order sent. */
export type HeaderPair = readonly [name: string, value: string]

/** A body: at most `bodyBytes` of it; `size` is what went over the wire. */
export interface Body {
  readonly bytes: Uint8Array
  readonly size: number
  readonly truncated: boolean
}

/** A request before it reaches the application. */
export interface GuardedRequest {
  readonly id: string
  /** Arrival, milliseconds since the epoch. */
  readonly time: number
  readonly source: { readonly ip?: string; readonly port?: number }
  readonly destination: { readonly host: string }
  readonly method: string
  readonly target: string
  readonly httpVersion: string
  readonly headers: readonly HeaderPair[]
}

export interface GuardedResponse {
  readonly status: number
  readonly headers: readonly HeaderPair[]
}

export interface Refusal {
  readonly action: 'block' | 'throttle' | 'challenge'
  readonly decisionId: string
  readonly policy: string
  readonly status: number
  readonly reason: string
  readonly retryAfterSeconds?: number
  readonly headers?: readonly HeaderPair[]
}

export interface Amendment {
  readonly action: 'amend'
  readonly decisionId: string
  readonly policy: string
  /** Set in place of headers of the same name. */
  readonly headers?: readonly HeaderPair[]
  /** Takes the place of the whole body. */
  readonly body?: Uint8Array
}

export type Verdict = { readonly action: 'pass' } | Amendment | Refusal

export interface Needs {
  readonly requestBody: boolean
  readonly response: boolean
  readonly responseBody: boolean
}

/** One request and what came back. */
export interface Exchange {
  readonly id: string
  readonly time: number
  readonly durationMs: number
  readonly source: GuardedRequest['source']
  readonly destination: GuardedRequest['destination']
  readonly request: {
    readonly method: string
    readonly target: string
    readonly httpVersion: string
    readonly headers: readonly HeaderPair[]
    readonly body?: Body
  }
  readonly response?: {
    readonly status: number
    readonly headers: readonly HeaderPair[]
    readonly body?: Body
  }
  readonly verdict?: { readonly decisionId: string; readonly action: string; readonly policy?: string }
}

/** Sallyport's engine in the same process: what it hands to its own gateway. */
export interface Guard {
  admit(request: GuardedRequest): {
    readonly verdict: Verdict
    readonly needs: Needs
    decideBody(body: Body): Verdict
    decideResponse(response: GuardedResponse, body: Body | undefined): Verdict
    /** After a verdict that does not refuse: what takes its place, where that takes some milliseconds. Never rejects. */
    settle?(): Promise<Verdict> | undefined
  }
  observe(exchange: Exchange): void
}

/** Sallyport in a process of its own. */
export interface DecisionApiOptions {
  /**
   * Where it listens: over anything but the loopback, https. When absent `SALLYPORT_DECISION_URL` of the environment, else
   * `http://127.0.0.1:4602`.
   */
  readonly url?: string
  /**
   * The configured one, or what stands in `decision-token` of Sallyport's data folder. When absent `SALLYPORT_DECISION_TOKEN` of the
   * environment; without either there is nothing to start.
   */
  readonly token?: string
  /** Longest that one question is waited for; 250 ms when absent. */
  readonly timeoutMs?: number
  /** What happens to requests that cannot be decided on; `allow` when absent, `deny` answers 503. */
  readonly onFailure?: 'allow' | 'deny'
}

export interface Options {
  /** Absent, as the environment says, where no `guard` is given. */
  readonly decisionApi?: DecisionApiOptions
  readonly guard?: Guard
  /** Bytes of each body that are decided on and handed on; 65,536 when absent. */
  readonly bodyBytes?: number
  /** Longest that an answer is held back for its body to be decided on, ms; 2,000 when absent. After it, what is there decides. */
  readonly holdMs?: number
  /** Finished exchanges that wait to be handed on; 1,000 when absent. More are dropped and counted. */
  readonly maxWaiting?: number
  /** Told of what went wrong, at most once a second: for a log. */
  readonly onFault?: (message: string) => void
}

export interface Counts {
  readonly requests: number
  readonly refused: number
  readonly amended: number
  /** Questions without an answer: unreachable, late, wrong. */
  readonly failures: number
  readonly observed: number
  /** Finished exchanges that were not handed on. */
  readonly dropped: number
  /** Amendments of bodies that were on their way already. */
  readonly undone: number
}

/** What every integration offers besides itself. */
export interface Running {
  counts(): Counts
  /** Hands on what still waits, then ends its connections. */
  close(): Promise<void>
}

/** A decision on one request, wherever it is made. */
export interface Decision {
  readonly id: string
  readonly verdict: Verdict
  readonly needs: Needs
  body(body: Body): Verdict | Promise<Verdict>
  response(response: GuardedResponse, body: Body | undefined): Verdict | Promise<Verdict>
}

/** Who decides. */
export interface Decider {
  decide(request: GuardedRequest): Decision | Promise<Decision>
  observe(exchange: Exchange): void
  /** `failures`, `observed` and `dropped`. */
  counts(): Pick<Counts, 'failures' | 'observed' | 'dropped'>
  close(): Promise<void>
}

/** What an integration tells of a request besides the request itself. */
export interface View {
  readonly target: string
  readonly address: string | undefined
  /** The body as the framework parsed it, where it has been read. */
  readonly parsed: () => unknown
  /** Takes a body in place of the parsed one. */
  readonly replace?: (bytes: Uint8Array) => void
}
