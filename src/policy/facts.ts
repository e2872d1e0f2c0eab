import type { Json } from '../call/content.ts'
import type { Needs } from '../sensors/guard.ts'

/**
 * What a policy's CEL sees; all numbers are doubles, what is not known is empty or 0. In the request phase `response` and `object` are
 * absent and a policy that names them is a response policy. Values are worked out when they are first read. A value that cannot
 * be told (`request.body` of a body that is cut off or no JSON) is undefined: an expression that reads it fails, and `onError` decides.
 */
export interface PolicyFacts {
  readonly request: {
    readonly method: string
    readonly path: string
    readonly host: string
    readonly query: Readonly<Record<string, string>>
    readonly headers: Readonly<Record<string, string>>
    readonly size: number
    /** Kind of the injection payload, or empty. */
    readonly payload: string
    /** Media type, lower case, without parameters. */
    readonly contentType: string
    /** How the body could be read: a `Content['kind']`. */
    readonly bodyKind: string
    /** The decoded body: JSON, a form's or a multipart's fields, a text; null where there is none. */
    readonly body: Json | undefined
    /** Levels of nesting of the body, 0 of a scalar or none. */
    readonly depth: number
    /** Members and elements of the body, at all levels. */
    readonly fields: number
    /** `path: what is wrong`, against the schema of the endpoint; empty where there is none. */
    readonly violations: readonly string[]
    /** What `query` or `headers` has of one name, where that can be told without gathering the others. */
    lookup?(field: string, name: string): string | undefined
  }
  readonly identity: {
    readonly principal: string
    readonly kind: string
    readonly name: string
    readonly tenant: string
    readonly roles: readonly string[]
    readonly claims: Readonly<Record<string, unknown>>
    readonly confidence: number
    /** 0 to 100, of the incidents the principal is part of. */
    readonly risk: number
  }
  readonly endpoint: {
    readonly id: string
    readonly template: string
    readonly params: Readonly<Record<string, string>>
    readonly known: boolean
    /** Of GraphQL, JSON-RPC, MCP …, or empty. */
    readonly operation: string
  } & EndpointTraits
  readonly source: {
    readonly ip: string
    /** ISO 3166-1 alpha-2, by the ranges of addresses that are configured. */
    readonly country: string
    /** Number of the autonomous system. */
    readonly asn: number
    /** What the configured range is called. */
    readonly network: string
    /** `office`, `vpn`, `hosting`, `mobile`. */
    readonly networkKind: string
    /** `cluster/namespace/name`, what is known of it. */
    readonly workload: string
    readonly serviceAccount: string
    readonly namespace: string
    readonly ja4: string
  }
  readonly token: {
    /** `bearer-jwt`, `bearer`, `api-key`, `basic`, `session`, `mtls`, `signature`; empty without a credential. */
    readonly kind: string
    readonly algorithm: string
    readonly issuer: string
    readonly audience: readonly string[]
    /** Since it was issued; infinite where it does not say. */
    readonly ageSeconds: number
    /** Negative once it has expired; infinite where it does not say. */
    readonly expiresIn: number
    /** It is bound to a key or certificate (`cnf`) and the request shows that one. */
    readonly senderConstrained: boolean
    /** Its signature was checked with a key that was given. */
    readonly verified: boolean
    readonly scopes: readonly string[]
    /** What no honest issuer writes into a token's header: `unsigned`, `jku`, `x5u`, `jwk`, `x5c`, `kid`. */
    readonly oddities: readonly string[]
  }
  readonly graphql: { readonly depth: number; readonly aliases: number; readonly complexity: number }
  readonly ai: {
    readonly model: string
    /** The tool that is called at an MCP server. */
    readonly tool: string
    /** Tools offered to a model. */
    readonly tools: readonly string[]
    /** The most tokens the answer may have, as the request says; 0 where it does not. */
    readonly maxTokens: number
    /** As the answer counts them. */
    readonly inputTokens: number
    readonly outputTokens: number
  }
  readonly flow: FlowFacts
  readonly now: { readonly hour: number; readonly weekday: number }
  readonly response?:
    | {
        readonly status: number
        readonly size: number
        readonly headers: Readonly<Record<string, string>>
        readonly body: Json | undefined
        /** Elements of the longest list at the top or up to two levels down; 1 of an object. */
        readonly records: number
        /** Classes of data of the fields that this answer carries, as the catalog learned them. */
        readonly dataClasses: readonly string[]
        /** What `headers` has of one name, where that can be told without gathering the others. */
        lookup?(field: string, name: string): string | undefined
      }
    | undefined
  readonly object?:
    | {
        readonly owner: string
        readonly tenant: string
        readonly foreign: boolean
        readonly foreignTenant: boolean
      }
    | undefined
}

/** What the catalog says of an endpoint; policies can be matched by it. Empty where it is not known. */
export interface EndpointTraits {
  /** `external`, `internal`, or empty. */
  readonly exposure: string
  readonly criticality: string
  /** Of request and response. */
  readonly dataClasses: readonly string[]
  /** `documented`, `shadow`, `zombie` … */
  readonly inventory: string
  /** 0 to 100. */
  readonly risk: number
  /** The workload that serves it, else the group it belongs to. */
  readonly service: string
  readonly owner: string
}

/** What the caller did before. */
export interface FlowFacts {
  /**
   * Seconds since the principal last had an answer that was no refusal and no error from an endpoint that a policy names as predecessor.
   * -1 where it did not within the memory's horizon; undefined where that cannot be told.
   */
  secondsSince(endpoint: string): number | undefined
}

/** `shadow` records what it would do, `canary` acts for some principals and shadows the others, `enforce` acts. */
export type PolicyMode = 'shadow' | 'canary' | 'enforce'
export type PolicyPhase = 'request' | 'response'

/** A terminal exception: what the named policies, or all, say of the call is set aside. */
export interface AllowAction {
  readonly type: 'allow'
  /** Names of policies; absent is all. */
  readonly policies?: readonly string[]
}
export interface BlockAction {
  readonly type: 'block'
  /** 4xx or 503; 403 when absent in the document. */
  readonly status: number
  /** The caller is told nothing but that there is nothing here. */
  readonly cloak?: true
}
export interface ThrottleAction {
  readonly type: 'throttle'
  /** Requests, or units of cost, per window and key. */
  readonly requests: number
  readonly windowSeconds: number
  /** CEL text of what is counted by; the principal when absent. */
  readonly key?: string
  /** CEL text of what one request costs; 1 when absent. */
  readonly cost?: string
}
export interface StepUpAction {
  readonly type: 'challenge'
  readonly kind: 'step-up'
  /** Authentication contexts, any of which will do. */
  readonly acrValues: readonly string[]
  /** Seconds the authentication may be old. */
  readonly maxAge?: number
}
export interface ProofOfWorkAction {
  readonly type: 'challenge'
  readonly kind: 'proof-of-work'
  /** Leading zero bits of the hash. */
  readonly difficulty: number
  /** How long a solution lets its caller pass. */
  readonly ttlSeconds: number
}
export interface MaskAction {
  readonly type: 'mask'
  /** JSON pointers in which `*` is any element or member. */
  readonly fields: readonly string[]
  readonly dataClasses: readonly string[]
}
export interface StripAction {
  readonly type: 'strip'
  /** What the schema of the endpoint does not know. */
  readonly unknown: boolean
  /** What the specification says only answers carry. */
  readonly readOnly: boolean
  /** JSON pointers in which `*` is any element or member. */
  readonly fields: readonly string[]
}
export interface QuarantineAction {
  readonly type: 'quarantine'
  readonly target: 'principal' | 'token' | 'device'
  readonly ttlSeconds: number
}
export interface TagAction {
  readonly type: 'tag'
  /** Lower-case name and value that the request is given on its way to the service, or the answer to the caller. */
  readonly header?: string
  readonly value?: string
}
export interface ObserveAction {
  readonly type: 'observe'
}
export type ChallengeAction = StepUpAction | ProofOfWorkAction
export type PolicyAction =
  | AllowAction
  | QuarantineAction
  | BlockAction
  | ChallengeAction
  | ThrottleAction
  | StripAction
  | MaskAction
  | TagAction
  | ObserveAction

/** Every action there is, the strongest first. */
export const actionTypes = [
  'allow',
  'quarantine',
  'block',
  'challenge',
  'throttle',
  'strip',
  'mask',
  'tag',
  'observe',
] as const satisfies readonly PolicyAction['type'][]

/** What a policy that matched says; `enforce` decides what becomes of it. */
export interface PolicyOutcome {
  readonly policy: string
  readonly version: number
  readonly mode: PolicyMode
  /** Of a canary: the share of principals it acts for, 0 to 100. */
  readonly percent?: number
  readonly phase: PolicyPhase
  readonly action: PolicyAction
  /** Of equally strong actions the higher goes first. */
  readonly priority: number
  /** Public sentence. */
  readonly reason: string
  readonly onError: 'allow' | 'deny'
  /** The operation's endpoint that it matched, where the request carries operations. */
  readonly endpoint?: string
  /** Operations of the request that it matched; absent is one. */
  readonly times?: number
  /** Of a throttle that says so: what it counts by, and what this costs. */
  readonly key?: string
  readonly cost?: number
  /**
   * Of a throttle whose cost only the answer tells: at the request nothing is taken and what was spent decides, at the answer it is
   * taken and nothing refused.
   */
  readonly settles?: 'later' | 'now'
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

/** What of the catalog policies of an endpoint read. */
export interface PolicyWants {
  readonly requestSchema: boolean
  readonly answerFields: boolean
}

/** The compiled policies: immutable, made from documents, indexed so that a request meets only its own few. */
export interface PolicyBundle {
  /** Content hash over the documents. */
  readonly id: string
  readonly count: number
  /**
   * What the policies that could match this endpoint need. Cheap: called for every request. `known`: the catalog knows the template;
   * a path is none. Given back with the facts it spares finding the same policies again.
   */
  needs(host: string, method: string, template: string, traits?: EndpointTraits, known?: boolean): PolicyNeeds
  /** What has to be known of an endpoint beside its traits for the policies that could match it. */
  wants(host: string, method: string, template: string, traits: EndpointTraits): PolicyWants
  /** `METHOD /path` of every predecessor that a policy names. */
  readonly predecessors: readonly string[]
  /**
   * Outcomes of the phase, strongest first, of equal ones by priority and name. Never throws: a fault in an expression answers by the policy's `onError`. With `operations`,
   * policies that are about operations are asked for each of them and come once, the others for the path as without. `needs` is what this
   * bundle said of the same endpoint; what another said is no matter.
   */
  evaluate(
    phase: PolicyPhase,
    facts: PolicyFacts,
    operations?: readonly OperationFacts[],
    needs?: PolicyNeeds,
  ): readonly PolicyOutcome[]
  readonly errors: number
}
