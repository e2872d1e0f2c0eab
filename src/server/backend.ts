import type { OwnerBinding } from '../baseline/owner-binding.ts'
import type { CatalogChange } from '../catalog/changes/catalog-change.ts'
import type { ClassRegistry } from '../catalog/data-classes/registry/class-registry.ts'
import type { MergeReview } from '../catalog/directions/merge-review.ts'
import type { TemplatePin } from '../catalog/directions/template-pin.ts'
import type { Endpoint } from '../catalog/endpoint.ts'
import type { DetectorFacts } from '../detect/detector.ts'
import type { Signal } from '../detect/signal.ts'
import type { GraphQuestionKind, GraphQuestions } from '../engine/graph-questions.ts'
import type { LiveEvent } from '../engine/live-events.ts'
import type { PolicyDesk } from '../engine/policy-desk.ts'
import type { Clock } from '../kit/clock.ts'
import type { SensorHealth } from '../sensors/sensor-health.ts'
import type { CallStore } from '../store/ports/call-store.ts'
import type { CatalogFindingQuery, StoredFinding } from '../store/ports/catalog-state.ts'
import type { Page, StateStore } from '../store/ports/state-store.ts'
import type { PolicyCheckView } from './api/policy-check.ts'

/** An endpoint, who calls it and whose the answers were learned to be. */
export interface EndpointFacts {
  readonly endpoint: Endpoint
  /** Most calls first; the server cuts the list. */
  readonly callers: readonly EndpointCaller[]
  readonly owners: readonly OwnerBinding[]
}

export interface EndpointCaller {
  readonly principal: string
  readonly calls: number
  readonly refused: number
  /** Milliseconds since the epoch. */
  readonly lastSeen: number
}

/** A detector and how it is set. */
export interface DetectorStatus {
  readonly facts: DetectorFacts
  readonly enabled: boolean
  /** Every option's value as it is in force. */
  readonly options: Readonly<Record<string, number>>
  /** Values that the configuration gives in place of the detector's own. */
  readonly configured: Readonly<Record<string, number>>
}

/** One detector over recorded calls, as it is set and as it would be. Times in milliseconds since the epoch. */
export interface Backtest {
  readonly detector: string
  readonly calls: number
  readonly from?: number
  readonly to?: number
  readonly truncated: boolean
  readonly before: BacktestRun
  readonly after: BacktestRun
  /** Signals of `after` that `before` has not, and the other way round, bounded. */
  readonly appeared: readonly Signal[]
  readonly vanished: readonly Signal[]
}

export interface BacktestRun {
  readonly options: Readonly<Record<string, number>>
  readonly signals: number
  readonly principals: number
  readonly millisPerThousandCalls: number
  readonly state: number
}

/** What is known of one principal. Times in milliseconds since the epoch. */
export interface PrincipalFacts {
  readonly id: string
  readonly kind: string
  readonly tenant?: string
  readonly roles: readonly string[]
  readonly calls: number
  /** 0 to 100. */
  readonly risk: number
  readonly firstSeen: number
  readonly lastSeen: number
  /** Most recent last, bounded by whoever keeps them. */
  readonly addresses: readonly string[]
  readonly devices: number
  /** Most calls first, bounded likewise. */
  readonly endpoints: readonly { readonly endpoint: string; readonly calls: number }[]
}

export interface BackendStats {
  readonly callsPerSecond: number
  readonly calls: number
  /** Settled endpoints; `candidates` are counted apart. */
  readonly endpoints: number
  readonly candidates: number
  readonly principals: number
  readonly dropped: number
}

/** What a policy document says about itself; throws `policy/invalid` where it cannot be read. */
export interface PolicyDescription {
  readonly mode: string
  /** Of a canary. */
  readonly percent?: number
  readonly phase: string
  readonly action: string
  /** Who answers for it. */
  readonly owner?: string
  /** Milliseconds since the epoch; from then on it is ignored. */
  readonly expiresAt?: number
}

export type Change = 'policies' | 'quarantine' | 'resolutions' | 'specs' | 'catalog' | 'tuning'

/**
 * The running system as the API server sees it. Reads are answered from memory and must not block; what must not be
 * lost is in `state`, what was seen is in `calls`. Rejections are `SallyportError`s; anything else becomes
 * `internal/defect` at the server's edge.
 */
export interface Backend {
  readonly clock: Clock
  readonly version: string
  readonly demo: boolean
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly state: StateStore
  readonly calls: CallStore
  /** Simulations, the gate before policies act, and their way from shadow to enforce. */
  readonly policies: PolicyDesk
  /** Where clients send their traffic; undefined without a gateway. */
  gatewayUrl(): string | undefined
  endpoints(): readonly Endpoint[]
  /** By its id, or by one it went by before words of its path were folded. */
  endpoint(id: string): EndpointFacts | undefined
  principals(): readonly PrincipalFacts[]
  /** Specified operations without a call, as endpoints. */
  orphans(): readonly Endpoint[]
  /** Where words of paths were taken for values, or might have been; bounded. */
  mergeReviews(): readonly MergeReview[]
  /** Pins of the catalog file, and its name; undefined without one. */
  catalogFile(): { readonly file: string; readonly pins: readonly TemplatePin[] } | undefined
  /** Built-in data classes and those of the team. */
  dataClasses(): ClassRegistry
  /** What should be mended and what became of it, as it stands now. */
  catalogFindings(query: CatalogFindingQuery): Promise<Page<StoredFinding>>
  /** What is new, changed or gone in the catalog, newest first; bounded. */
  catalogChanges(): readonly CatalogChange[]
  sensors(): readonly SensorHealth[]
  /** Asks the graph. Rejects with `server/busy` while analysis does not answer; `resource/not-found`, `usage/invalid-argument` as the graph says. */
  askGraph<Kind extends GraphQuestionKind>(
    kind: Kind,
    ask: GraphQuestions[Kind]['ask'],
  ): Promise<GraphQuestions[Kind]['answer']>
  stats(): BackendStats
  detectorText(id: string): { readonly title: string; readonly whenNotAnAttack: string } | undefined
  /** Every detector there is, by id. */
  detectors(): readonly DetectorStatus[]
  /** Runs one over the recorded calls beside what runs. Rejects with `server/busy` while another runs, or where it takes too long. */
  backtest(asked: {
    readonly detector: string
    /** Milliseconds since the epoch. */
    readonly since?: number
    /** In place of what is in force. */
    readonly options: Readonly<Record<string, number>>
  }): Promise<Backtest>
  /** Prometheus samples: `name` or `name{label="value"}` → number. */
  counters(): Record<string, number>
  /** The kill switch: true lets everything pass. */
  bypass(): boolean
  /** Resolves when every gateway has it. With a policy: that one alone. */
  setBypass(on: boolean, policy?: string): Promise<void>
  /** Policies that are set aside, and what is on this machine whatever the API says. */
  bypassStatus(): {
    readonly policies: readonly string[]
    readonly local: { readonly all: boolean; readonly policies: readonly string[]; readonly file: string }
  }
  /** Something in the state store changed: tells the gateways, of the catalog analysis; resolves when they act by it. */
  changed(what: Change): Promise<void>
  checkPolicy(source: string): PolicyCheckView
  describePolicy(source: string): PolicyDescription
  /** Calls `listener` for everything that happens until the returned function is called. Listeners must not throw. */
  subscribe(listener: (event: LiveEvent) => void): () => void
}
