import type { Operation } from '../call/protocols/operation.ts'
import type { EndpointId } from '../kit/id.ts'
import type { LearnedMessages } from './messages.ts'
import type { Labels } from './ownership/labels.ts'
import type { SchemaNode } from './schema-node.ts'

export const inventories = ['documented', 'shadow', 'zombie', 'orphan', 'candidate', 'unknown'] as const
export type Inventory = (typeof inventories)[number]

/** A field that carries a class of sensitive data. */
export interface DataField {
  readonly side: 'request' | 'response'
  /** `path:orderId`, `query:q`, `header:x`, or a JSON pointer-like path in the body: `items[].card`. */
  readonly field: string
  readonly dataClass: string
  readonly values: number
  /** The first two and the last two characters of one value; absent for secrets and short values. */
  readonly sample?: string
}

/** An endpoint as it is told to the outside: console, API, analysis document. A plain immutable value. */
export interface Endpoint {
  readonly id: EndpointId
  readonly protocol: string
  readonly host: string
  readonly method: string
  readonly template: string
  readonly calls: number
  readonly statuses: Readonly<Record<string, number>>
  readonly firstSeen: number
  readonly lastSeen: number
  readonly auth: readonly string[]
  readonly dataClasses: { readonly request: readonly string[]; readonly response: readonly string[] }
  readonly fields: readonly DataField[]
  readonly exposure: 'external' | 'internal' | 'unknown'
  readonly inventory: Inventory
  readonly criticality: string
  readonly risk: { readonly score: number; readonly factors: readonly RiskFactor[] }
  readonly requestSchema?: SchemaNode
  readonly responseSchemas: Readonly<Record<string, SchemaNode>>
  /** Parameters, bodies by media type and status, and credentials in full; `requestSchema` and `responseSchemas` are the short form. */
  readonly messages?: LearnedMessages
  /** Names of the workloads that answered, `namespace/name`; bounded. */
  readonly workloads?: readonly string[]
  /** Owner, environment, group, tags and criticality with who says so. */
  readonly labels?: Labels
}

export interface RiskFactor {
  readonly factor: string
  readonly points: number
  readonly why: string
}

/** A call's place in the catalog. `params` are the values at the template's placeholders, in order. */
export interface Match {
  readonly endpoint: EndpointId
  readonly template: string
  readonly params: readonly (readonly [name: string, value: string])[]
  /**
   * What the call asks for, where its protocol says more than the path. Its object references follow the placeholders' values in
   * `params`, under names such as `orderId`.
   */
  readonly operation?: Operation
}
