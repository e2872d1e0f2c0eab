import type { DismissalReason, DismissalScope } from '../../detect/tuning/suppression.ts'
import type { NodeKind } from '../../graph/node.ts'
import type { Severity } from '../../kit/severity.ts'
import type { AuditView } from './audit.ts'
import type { CallView } from './call.ts'
import type { FeedbackView } from './feedback.ts'
import type { QuarantineView } from './quarantine.ts'
import type { SignalView } from './signal.ts'

/** What an incident proposes to do, and what that would have touched of the calls seen so far. */
export interface ActionView {
  readonly kind: string
  readonly title: string
  readonly target: string
  readonly ttlSeconds: number
  readonly effect: { readonly principals: number; readonly calls: number; readonly others: number }
}

/** An abuse, and what people made of it. */
export interface IncidentView {
  readonly id: string
  readonly title: string
  readonly severity: Severity
  readonly risk: number
  readonly opened: string
  readonly updated: string
  readonly status: 'open' | 'contained' | 'closed'
  readonly principals: readonly string[]
  readonly tenants: readonly string[]
  readonly endpoints: readonly string[]
  readonly workloads: readonly string[]
  readonly dataClasses: readonly string[]
  readonly detectors: readonly string[]
  readonly signals: readonly string[]
  readonly objects: readonly string[]
  readonly objectCount: number
  readonly evidence: readonly string[]
  /** Through the graph, from where it came in to what it came to; absent where it is about calls alone. */
  readonly path?: readonly {
    readonly node: string
    readonly kind: NodeKind
    readonly name: string
    /** How it was come to from the one before: `calls`, `reads` …; `then` where no edge is known. */
    readonly how: string
  }[]
  readonly story: readonly {
    readonly time: string
    readonly text: string
    /** Ids of calls, or of other events: `/events?ids=`. */
    readonly evidence: readonly string[]
    /** The stage of an intrusion it stands for, `lateral movement`, where the detector names a technique. */
    readonly stage?: string
  }[]
  readonly actions: readonly ActionView[]
  readonly unsure: readonly string[]
  /** What it reached: what came back, not what was refused. */
  readonly blastRadius?: {
    readonly objects: number
    readonly records: number
    readonly dataClasses: readonly string[]
    readonly tenants: readonly string[]
    readonly endpoints: readonly string[]
  }
  /** Where what succeeded has a value. */
  readonly atStake?: { readonly amount: number; readonly currency: string }
  /** Counts what changed in it, from 1; `worseAt` is when its risk or severity last rose. */
  readonly changed?: { readonly revision: number; readonly at: string; readonly worseAt: string }
  /** Against the last visit of who asks, or `visitedAt`: opened since, worse since, or more of it since. Absent: as it was. */
  readonly changedSinceVisit?: 'new' | 'grew' | 'worse'
  /** Set when closed. */
  readonly resolution?: { readonly reason: string; readonly at: string; readonly by: string }
  /** Set when closed by a dismissal that holds. */
  readonly dismissal?: {
    readonly reason: DismissalReason
    readonly note?: string
    readonly scope: DismissalScope
    readonly until: string
  }
  /** What a person said that it was. */
  readonly feedback?: FeedbackView
}

/** One incident, with all that a person needs to decide. */
export interface IncidentDetailView extends IncidentView {
  readonly signalDetails: readonly SignalView[]
  /** Live quarantine entries of this incident. */
  readonly quarantine: readonly QuarantineView[]
  /** What people did: from the audit log, newest first. */
  readonly history: readonly AuditView[]
  /** Evidence calls, oldest first, at most 50. */
  readonly calls: readonly CallView[]
  /** `whenNotAnAttack` of each detector involved. */
  readonly whenNotAnAttack: readonly { readonly detector: string; readonly text: string }[]
}
