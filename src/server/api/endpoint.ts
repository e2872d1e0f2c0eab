import type { DataClassGroup } from '../../catalog/data-class.ts'
import type { DataField, Endpoint, RiskFactor } from '../../catalog/endpoint.ts'
import type { LearnedMessages } from '../../catalog/messages.ts'
import type { Labels } from '../../catalog/ownership/labels.ts'
import type { SchemaNode } from '../../catalog/schema-node.ts'
import type { FindingView } from './finding.ts'
import type { SignalView } from './signal.ts'

/** An endpoint as in a list: without its schemas. */
export interface EndpointView {
  readonly id: string
  readonly protocol: string
  readonly host: string
  readonly method: string
  readonly template: string
  readonly calls: number
  readonly statuses: Readonly<Record<string, number>>
  /** Of an orphan, which has no calls, when its specification was given; so is `lastSeen`. */
  readonly firstSeen: string
  readonly lastSeen: string
  readonly auth: readonly string[]
  readonly dataClasses: Endpoint['dataClasses']
  readonly exposure: Endpoint['exposure']
  readonly inventory: Endpoint['inventory']
  readonly criticality: string
  readonly risk: { readonly score: number; readonly factors: readonly RiskFactor[] }
  readonly labels?: Labels
  /** Names of the workloads that answered, `namespace/name`. */
  readonly workloads?: readonly string[]
}

/** One endpoint: what it takes and gives, who calls it, what is wrong with it. */
export interface EndpointDetailView extends EndpointView {
  readonly fields: readonly DataField[]
  /** The same by group of class, the most telling group first: what flows in and out. */
  readonly dataMap: readonly (DataField & { readonly group: DataClassGroup })[]
  readonly requestSchema?: SchemaNode
  readonly responseSchemas: Readonly<Record<string, SchemaNode>>
  /** Parameters, bodies by media type and status, and credentials in full; absent of an orphan. */
  readonly messages?: LearnedMessages
  /** Who calls it, most calls first, at most 20. */
  readonly callers: readonly {
    readonly principal: string
    readonly calls: number
    readonly refused: number
    readonly lastSeen: string
  }[]
  readonly owners: readonly {
    readonly scope: string
    readonly field: string
    readonly claim: string
    readonly seen: number
    readonly agreement: number
  }[]
  readonly signals: readonly SignalView[]
  /** Open and dismissed ones, most severe first, at most 100. */
  readonly findings: readonly FindingView[]
}
