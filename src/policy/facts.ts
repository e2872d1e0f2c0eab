import type { Needs } from '../sensors/guard.ts'

/**
 * What a policy's CEL sees; all numbers are doubles. In the request phase `response` and `object` are absent and a
 * policy that names them is a response policy.
 *
 *   request.method request.path request.host request.query[..] request.headers[..] request.size request.payload (injection kind or "")
 *   identity.principal identity.kind identity.name identity.tenant identity.roles identity.claims[..] identity.confidence
 *   endpoint.id endpoint.template endpoint.params[..] endpoint.known
 *   response.status response.size response.headers[..]
 *   object.owner object.tenant object.foreign (belongs to another user) object.foreignTenant
 *   now.hour (UTC) now.weekday (0 = Sunday)
 */
export interface PolicyFacts {
  readonly request: {
    readonly method: string
    readonly path: string
    readonly host: string
    readonly query: Readonly<Record<string, string>>
    readonly headers: Readonly<Record<string, string>>
    readonly size: number
    readonly payload: string
  }
  readonly identity: {
    readonly principal: string
    readonly kind: string
    readonly name: string
    readonly tenant: string
    readonly roles: readonly string[]
    readonly claims: Readonly<Record<string, unknown>>
    readonly confidence: number
  }
  readonly endpoint: {
    readonly id: string
    readonly template: string
    readonly params: Readonly<Record<string, string>>
    readonly known: boolean
  }
  readonly now: { readonly hour: number; readonly weekday: number }
  readonly response?: {
    readonly status: number
    readonly size: number
    readonly headers: Readonly<Record<string, string>>
  }
  readonly object?: {
    readonly owner: string
    readonly tenant: string
    readonly foreign: boolean
    readonly foreignTenant: boolean
  }
}

export type PolicyMode = 'monitor' | 'enforce'
export type PolicyPhase = 'request' | 'response'

export interface BlockAction {
  readonly type: 'block'
  /** 4xx or 503; 403 when absent in the document. */
  readonly status: number
}
export interface ThrottleAction {
  readonly type: 'throttle'
  /** Requests per window, per principal. */
  readonly requests: number
  readonly windowSeconds: number
}
export interface QuarantineAction {
  readonly type: 'quarantine'
  readonly target: 'principal' | 'token'
  readonly ttlSeconds: number
}
export interface TagAction {
  readonly type: 'tag'
}
export type PolicyAction = BlockAction | ThrottleAction | QuarantineAction | TagAction

/** What a policy that matched says; `enforce` decides what becomes of it. Strongest action first. */
export interface PolicyOutcome {
  readonly policy: string
  readonly version: number
  readonly mode: PolicyMode
  readonly phase: PolicyPhase
  readonly action: PolicyAction
  /** Public sentence. */
  readonly reason: string
}

/** The compiled policies: immutable, made from documents, indexed so that a request meets only its own few. */
export interface PolicyBundle {
  /** Content hash over the documents. */
  readonly id: string
  readonly count: number
  /** What the policies that could match this endpoint need. Cheap: called for every request. */
  needs(host: string, method: string, template: string): Needs
  /** Outcomes of the phase, strongest first. Never throws: a fault in an expression answers by the policy's `onError`. */
  evaluate(phase: PolicyPhase, facts: PolicyFacts): readonly PolicyOutcome[]
  readonly errors: number
}
