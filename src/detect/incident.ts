import type { NodeKind } from '../graph/node.ts'
import type { CallId, EndpointId, IncidentId, PrincipalId, SignalId, TenantId } from '../kit/id.ts'
import type { Severity } from '../kit/severity.ts'

export interface StoryStep {
  readonly time: number
  readonly text: string
  readonly evidence: readonly CallId[]
  /** ATT&CK tactic that it stands for, where the detector names a technique. */
  readonly stage?: string
}

/** A node on the way that an incident took through the graph. */
export interface PathStep {
  /** Its id in the graph, e.g. `workload:shop/orders`. */
  readonly node: string
  readonly kind: NodeKind
  readonly name: string
  /** How it was come to from the node before it: `calls`, `is served by`, `acts as`, `reads`, or `then` where no edge is known. */
  readonly how: string
}

/** Something a person can do about an incident; carried out by `enforce`. */
export interface ProposedAction {
  /** `quarantine-principal`, `quarantine-token`, `block-endpoint-for-principal`, … */
  readonly kind: string
  readonly title: string
  /** What it acts on, e.g. a principal id or a token fingerprint. */
  readonly target: string
  readonly ttlSeconds: number
  /** What it would have touched in the calls seen so far, in words and numbers. */
  readonly effect: { readonly principals: number; readonly calls: number; readonly others: number }
}

/** What an incident reached: what came back, not what was asked for in vain. */
export interface IncidentReach {
  readonly objects: number
  /** Of lists and of rows of data stores, where they were counted. */
  readonly records: number
  readonly dataClasses: readonly string[]
  readonly tenants: readonly TenantId[]
  readonly endpoints: readonly EndpointId[]
}

/** How an incident changed: 1 and the time it was opened at first. */
export interface IncidentChange {
  readonly revision: number
  readonly at: number
  /** When its risk or its severity last rose. */
  readonly worseAt: number
}

export type IncidentStatus = 'open' | 'contained' | 'closed'

export interface Incident {
  readonly id: IncidentId
  /** A whole sentence: who did what to whose data. */
  readonly title: string
  readonly severity: Severity
  /** 0 to 100. */
  readonly risk: number
  readonly opened: number
  readonly updated: number
  readonly status: IncidentStatus
  readonly principals: readonly PrincipalId[]
  readonly tenants: readonly TenantId[]
  readonly endpoints: readonly EndpointId[]
  readonly workloads: readonly string[]
  readonly dataClasses: readonly string[]
  readonly signals: readonly SignalId[]
  readonly detectors: readonly string[]
  readonly objects: readonly string[]
  readonly objectCount: number
  /** The way through the graph from where it came in to what it came to; absent where it is about calls alone. */
  readonly path?: readonly PathStep[]
  readonly story: readonly StoryStep[]
  readonly evidence: readonly CallId[]
  readonly actions: readonly ProposedAction[]
  /** What Sallyport is unsure of, in sentences. */
  readonly unsure: readonly string[]
  readonly blastRadius?: IncidentReach
  /** Money that what succeeded was about, where the fields of a flow say it. */
  readonly atStake?: { readonly amount: number; readonly currency: string }
  readonly changed?: IncidentChange
}
