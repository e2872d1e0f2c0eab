import type { PolicyAction, PolicyMode, PolicyPhase } from './facts.ts'

export const policyApiVersion = 'sallyport/v1alpha1'
export const policyKind = 'ApiPolicy'

/** Where a policy applies. An absent list is everything; the lists together must all agree. */
export interface PolicyMatch {
  /** Exact host names, or `*.example.com`. Lower case. */
  readonly hosts?: readonly string[]
  /** Upper case. */
  readonly methods?: readonly string[]
  /** `GET /orders/{orderId}` or globs: `* /admin/**`; `*` is one segment, `**` any number. */
  readonly endpoints?: readonly string[]
  /** Principal ids: `user:alice`, or with a trailing star `service:*`. */
  readonly principals?: readonly string[]
  /** The caller has at least one of them. */
  readonly roles?: readonly string[]
}

export type PolicyExpectation = 'pass' | 'block' | 'throttle' | 'quarantine' | 'tag'

export interface PolicyTest {
  readonly name: string
  /** Facts as far as they matter; what is left out is empty. */
  readonly input: Readonly<Record<string, unknown>>
  readonly expect: PolicyExpectation
}

/** A place in a source text: 1-based. */
export interface SourcePosition {
  readonly line: number
  readonly column: number
}

/** One policy as written, checked for form; its expression is not compiled yet. */
export interface PolicyDocument {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** The YAML of this document alone. */
  readonly source: string
  readonly position: SourcePosition
  /** As written; absent means: what the expression needs. */
  readonly phase?: PolicyPhase
  readonly match: PolicyMatch
  /** CEL; absent is always true. */
  readonly when?: { readonly text: string; readonly position: SourcePosition; readonly inline: boolean }
  readonly action: PolicyAction
  readonly mode: PolicyMode
  /** What a fault in the expression means: `allow` is no match, `deny` is a refusal with status 503. */
  readonly onError: 'allow' | 'deny'
  /** Milliseconds since the epoch; from then on the policy is ignored. */
  readonly expiresAt?: number
  /** Public sentence. */
  readonly reason: string
  readonly tests: readonly PolicyTest[]
}

export interface PolicyProblem {
  readonly severity: 'error' | 'warning'
  readonly message: string
  /** `file:line:column`, or the file or policy alone. */
  readonly where: string
  readonly line?: number
  readonly column?: number
  readonly mend?: string
}
