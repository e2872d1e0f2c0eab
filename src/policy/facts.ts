import type { Needs } from '../sensors/guard.ts'

/**
 * What a policy's CEL sees; all numbers are doubles. In the request phase `response` and `object` are absent and a
 * policy that names them is a response policy.
 *
 *   request.method request.path request.host request.query[..] request.headers[..] request.size request.payload (injection kind or "")
 *   identity.principal identity.kind identity.name identity.tenant identity.roles identity.claims[..] identity.confidence
 *   endpoint.id endpoint.template endpoint.params[..] endpoint.known endpoint.operation (of GraphQL, JSON-RPC, MCP …, or "")
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
    readonly operation: string
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
  /** The operation's endpoint that it matched, where the request carries operations. */
  readonly endpoint?: string
  /** Operations of the request that it matched; absent is one. */
  readonly times?: number
}

/** Name of an operation that could not be seen: beyond the inspection window or a bound, or in a form that is not read. */
export const unseenOperation = 'unknown'

/** The facts of one operation that a request carries: its own endpoint, parameters and, in the response phase, object. */
export interface OperationFacts {
  readonly facts: PolicyFacts
  /** What it asks for comes again in parts by themselves: matched, but not counted beside them. */
  readonly whole?: true
  /** `endpoint.operation` is `unknown`. */
  readonly unseen?: true
}

/**
 * `operations` says for which requests the operations have to be read: `named` where a policy names some of this path, `read` where
 * one reads what an operation would change (endpoint, parameters, object), so only where the path is known to carry any.
 */
export interface PolicyNeeds extends Needs {
  readonly operations: 'named' | 'read' | 'none'
}

/** The compiled policies: immutable, made from documents, indexed so that a request meets only its own few. */
export interface PolicyBundle {
  /** Content hash over the documents. */
  readonly id: string
  readonly count: number
  /** What the policies that could match this endpoint need. Cheap: called for every request. */
  needs(host: string, method: string, template: string): PolicyNeeds
  /**
   * Outcomes of the phase, strongest first. Never throws: a fault in an expression answers by the policy's `onError`. With `operations`,
   * policies that are about operations are asked for each of them and come once, the others for the path as without.
   */
  evaluate(
    phase: PolicyPhase,
    facts: PolicyFacts,
    operations?: readonly OperationFacts[],
  ): readonly PolicyOutcome[]
  readonly errors: number
}
