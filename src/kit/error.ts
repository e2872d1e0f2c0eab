/**
 * The closed list of what can go wrong, as the outside sees it. Each code has one HTTP status and one exit code
 * (0 fine, 1 findings, 2 wrong usage or input, 3 cannot reach); nothing else decides either.
 */
export const errorCodes = {
  'usage/invalid-argument': { status: 400, exit: 2 },
  'usage/unknown-command': { status: 400, exit: 2 },
  'config/invalid': { status: 400, exit: 2 },
  'input/unreadable': { status: 400, exit: 2 },
  'input/unknown-format': { status: 415, exit: 2 },
  'input/too-large': { status: 413, exit: 2 },
  'policy/invalid': { status: 422, exit: 2 },
  'auth/missing': { status: 401, exit: 3 },
  'auth/invalid': { status: 401, exit: 3 },
  'auth/forbidden': { status: 403, exit: 3 },
  'resource/not-found': { status: 404, exit: 2 },
  'resource/conflict': { status: 409, exit: 2 },
  'resource/precondition-failed': { status: 412, exit: 2 },
  'resource/precondition-required': { status: 428, exit: 2 },
  'limit/exceeded': { status: 429, exit: 2 },
  'request/malformed': { status: 400, exit: 2 },
  'request/blocked': { status: 403, exit: 2 },
  'upstream/unreachable': { status: 502, exit: 3 },
  'upstream/reset': { status: 502, exit: 3 },
  'upstream/timeout': { status: 504, exit: 3 },
  'listen/in-use': { status: 500, exit: 3 },
  'server/unreachable': { status: 502, exit: 3 },
  'server/busy': { status: 503, exit: 3 },
  'store/locked': { status: 503, exit: 3 },
  'store/unavailable': { status: 503, exit: 3 },
  'store/full': { status: 507, exit: 3 },
  'store/corrupt': { status: 500, exit: 3 },
  'internal/defect': { status: 500, exit: 3 },
} as const

export type ErrorCode = keyof typeof errorCodes

/** What a person needs besides the sentence: where it is and how to mend it. Shown to the caller. */
export interface ErrorDetail {
  /** File, line, field or address the sentence is about, e.g. `sallyport.yaml:4:3` or `policies/a.yaml`. */
  readonly where?: string
  /** What to do about it, as an instruction. */
  readonly mend?: string
}

/** An error as it crosses threads. */
export interface PlainError {
  readonly code: ErrorCode
  readonly message: string
  readonly where?: string
  readonly mend?: string
}

/**
 * The one error type. `message` is public: it may be shown to whoever asked. `cause` is internal: it goes to the log
 * and never over a wire.
 */
export class SallyportError extends Error {
  override readonly name = 'SallyportError'
  readonly code: ErrorCode
  readonly where: string | undefined
  readonly mend: string | undefined

  constructor(code: ErrorCode, message: string, detail: ErrorDetail & { readonly cause?: unknown } = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause })
    this.code = code
    this.where = detail.where
    this.mend = detail.mend
  }

  get status(): number {
    return errorCodes[this.code].status
  }

  get exitCode(): number {
    return errorCodes[this.code].exit
  }

  /** `what (where). mend` on one line, for terminals and logs. */
  toDisplayString(): string {
    const where = this.where === undefined ? '' : ` (${this.where})`
    const mend = this.mend === undefined ? '' : `\n  → ${this.mend}`
    return `${this.message}${where}${mend}`
  }

  /** What may be told of it, as plain data: it crosses threads. The cause stays behind. */
  toPlain(): PlainError {
    const { code, message, where, mend } = this
    return {
      code,
      message,
      ...(where === undefined ? {} : { where }),
      ...(mend === undefined ? {} : { mend }),
    }
  }

  /** The other end of `toPlain`: the same error on the thread it was sent to. */
  static fromPlain({ code, message, where, mend }: PlainError): SallyportError {
    return new SallyportError(code, message, {
      ...(where === undefined ? {} : { where }),
      ...(mend === undefined ? {} : { mend }),
    })
  }

  /** Anything thrown, as the one type. What is not ours becomes `internal/defect` with itself as the hidden cause. */
  static from(thrown: unknown): SallyportError {
    if (thrown instanceof SallyportError) return thrown
    return new SallyportError('internal/defect', 'Something went wrong inside Sallyport.', { cause: thrown })
  }
}
