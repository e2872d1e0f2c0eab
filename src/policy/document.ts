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
  /** Workloads that call, `namespace/name` or with a trailing or leading star. */
  readonly workloads?: readonly string[]
  /** What serves the endpoint, as the catalog knows it; stars as above. */
  readonly services?: readonly string[]
  /** The endpoint carries at least one of them: ids such as `email`, or groups such as `pii`. */
  readonly dataClasses?: readonly string[]
  readonly exposure?: readonly string[]
  readonly criticality?: readonly string[]
}

/** What a policy says, whatever its mode. */
/** Every key of a match; one that is missing here does not compile. */
export const matchKeys = Object.keys({
  hosts: true,
  methods: true,
  endpoints: true,
  principals: true,
  roles: true,
  workloads: true,
  services: true,
  dataClasses: true,
  exposure: true,
  criticality: true,
} satisfies Record<keyof PolicyMatch, true>) as readonly (keyof PolicyMatch)[]

export type PolicyExpectation = 'pass' | PolicyAction['type']

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

/**
 * CEL as written; `inline` where an offset into it is an offset into its line. Of a literal block, whose lines stand as they are,
 * `indent` is the column they begin at and the text begins on the line after `position`.
 */
export interface WrittenExpression {
  readonly text: string
  readonly position: SourcePosition
  readonly inline: boolean
  readonly indent?: number
}

/** What a policy says of its own way from shadow to enforce; the configuration says the rest. */
export interface PolicyRollout {
  /** Percents of principals that a canary goes through. */
  readonly steps?: readonly number[]
  /** Minutes at each of the steps at least, in their order; `canaryMinutes` where there is none. */
  readonly stepMinutes?: readonly number[]
  readonly shadowMinutes?: number
  readonly shadowCalls?: number
  readonly canaryMinutes?: number
  readonly automaticRollback?: boolean
}

/** Bounds of what a rollout says. */
export const rolloutBounds = { steps: 20, minutes: 525_600, calls: 1_000_000_000 } as const

/** One policy as written, checked for form; its expression is not compiled yet. */
export interface PolicyDocument {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** The YAML of this document alone. */
  readonly source: string
  readonly position: SourcePosition
  /** Who answers for it: `spec.owner`, else the label `owner`. */
  readonly owner?: string
  /** As written; absent means: what the expressions need. `flow` is asked with the request, about what the caller did before. */
  readonly phase?: PolicyPhase | 'flow'
  readonly match: PolicyMatch
  /** CEL; absent is always true. */
  readonly when?: WrittenExpression
  readonly action: PolicyAction
  /** Where the expressions of the action stand. */
  readonly key?: WrittenExpression
  readonly cost?: WrittenExpression
  /** Where each of the fields that the action names stands. */
  readonly fields?: readonly SourcePosition[]
  readonly mode: PolicyMode
  /** Of a canary: the share of principals it acts for, more than 0 to 100. */
  readonly percent?: number
  readonly rollout?: PolicyRollout
  /** Of equally strong actions the higher goes first; 0 when absent in the document. */
  readonly priority: number
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
