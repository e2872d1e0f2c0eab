/**
 * The REST API's shapes, under `/api/v1`. Errors are problem+json (`kit/problem.ts`). Lists: `?limit&cursor` →
 * `{ items, cursor? }`. Times in answers are RFC 3339 strings unless a field ends in `Ms`. Reads need role `viewer`,
 * acting on incidents, quarantine and policies `analyst`, tokens and settings `admin`.
 *
 *   GET    /health                         no token: { status: 'ok'|'degraded', version, uptimeMs }
 *   POST   /session { code }               no token: exchanges a one-time sign-in code for an HttpOnly cookie → SessionView
 *   POST   /session { token }              the same for an API token
 *   GET    /session · DELETE /session      who am I · sign out
 *   GET    /overview                       OverviewView
 *   GET    /endpoints?q&host&method&protocol&dataClass&auth&inventory&owner&environment&group&tag&criticality
 *                                          Page<EndpointView> (without schemas); orphans of the specifications among them
 *   GET    /endpoints/{id}                 EndpointDetailView   ({id} is the URL-encoded endpoint id)
 *   PATCH  /endpoints/{id} { owner?, environment?, group?, tags?, criticality?, reason? }   a person's word on it, null takes it back → EndpointDetailView
 *   GET    /endpoints/{id}/examples        { items: MaskedExampleView[] }: the newest call of each status, at most 5, values masked
 *   GET    /catalog/reviews?state&host&q   Page<MergeReviewView>: where words of paths were taken for values, or might have been
 *   GET    /catalog/pins · POST /catalog/pins { host, template, reason? } · DELETE /catalog/pins/{id}      PinView
 *   GET    /exports/openapi?host&candidates      the catalog as one OpenAPI 3.1 document
 *   GET    /changes?since&until&kind&endpoint       Page<ChangeView>: what is new, changed or gone in the catalog, newest first
 *   GET    /principals?q · /principals/{id}          Page<PrincipalView> · PrincipalView (one by its id with `ties` and `habits`)
 *   GET    /calls?<CallQuery keys, not.<key> for exclusions>      Page<CallView>, newest first
 *   GET    /calls/histogram?<same>&bucketMs          { items: CallBucketView[] }
 *   GET    /calls/{id}                     CallView with full request and response (redacted)
 *   GET    /calls/{id}/why?detector        { items: WhyView[] }: what each detector says of the call, as things are known now
 *   GET    /signals?principal&detector&endpoint&ids · /incidents?status&visitedAt    Page<SignalView> · Page<IncidentView>
 *   GET    /incidents/{id}                 IncidentDetailView
 *   POST   /incidents/{id}/actions { kind, target, ttlSeconds }   carries a proposed action out → { quarantine: QuarantineView }
 *   POST   /incidents/{id}/dismiss { reason, note?, scope?, days? }   closes it and keeps its like from being raised for some days → DismissalView
 *   POST   /incidents/{id}/feedback { verdict, note? }   what it was, in a person's word; detectors are calibrated by it → FeedbackView
 *   GET    /suppressions?all · DELETE /suppressions/{id}      { items: SuppressionView[] } · SuppressionView
 *   GET    /detectors · GET|PATCH /detectors/{id} { options?, enabled? }      { items: DetectorView[] } · DetectorView; an option that is null goes back to its default
 *   POST   /detectors/{id}/test { since?, options? }    BacktestView: the recorded calls as set now, and as it would be set
 *   POST   /visits { page }                notes when the asking user looked → VisitView; `changedSinceVisit` of incidents is told by it, or by `visitedAt`
 *   POST   /incidents/{id}/close { reason } · /incidents/{id}/reopen      IncidentView
 *   GET    /findings?rule&endpoint&severity&status&q      Page<FindingView>: what should be mended, most severe first
 *   GET    /findings/{id} · POST /findings/{id}/dismiss { reason, days? } · POST /findings/{id}/reopen      FindingView
 *   GET    /specs · POST /specs { name, source } · DELETE /specs/{name}     SpecView
 *   GET    /quarantine?all · POST /quarantine { kind, target, reason, ttlSeconds? } · DELETE /quarantine/{id}   QuarantineView
 *   POST   /quarantine/preview { kind, target }   QuarantinePreviewView · /quarantine/{id}/extend { ttlSeconds }   QuarantineView
 *   GET    /policies · GET|PUT|DELETE /policies/{name}   PolicyView; PUT body { source, override? }, ETag/If-Match (`"<version>"`), If-None-Match: * to create
 *   GET    /policies/{name}/history        Page<PolicyVersionView>, newest first
 *   POST   /policies/{name}/promote { to?: { mode, percent? }, override? } · /rollback { version?, reason? }   PolicyView
 *   POST   /policies/check { source }      PolicyCheckView
 *   POST   /policies/recommend { incident? | finding? | endpoint? }   PolicyRecommendationsView: policies in shadow, each simulated
 *   POST   /policies/simulate { source, since?, until? }   SimulationView: over the recorded calls; opens the gate for these rules
 *   GET    /decisions?principal&policy&action&phase&mode&since&until   Page<DecisionView> · /decisions/summary   DecisionSummaryView · /decisions/{id}   DecisionDetailView
 *   GET    /language/policy                PolicyLanguageView: facts, functions, templates and the JSON Schema of a policy
 *   GET    /sensors                        { items: SensorView[] }
 *   GET    /graph?focus&depth&asOf&days&declared&kinds&limit      GraphView: what lies around a node, or from the outside and the workloads
 *   GET    /graph/paths?from&to&asOf&days&declared&by&limit       { paths: GraphPathView[] }, each with a sentence
 *   GET    /graph/reach?node&asOf&days      ReachView: what whoever holds the node did and could reach; `token:<fingerprint>` is whose it is
 *   GET    /graph/nodes?q&kind              Page<GraphNodeView>
 *   GET    /graph/entitlements?unused&days  { items: EntitlementView[], truncated }
 *   GET    /graph/export?asOf&days&declared { nodes, edges, truncated }, at most 50,000 edges
 *   GET    /workloads?q · /workloads/{id}   Page<WorkloadView> · WorkloadDetailView   ({id}: `shop/orders`, URL-encoded)
 *   GET    /events?workload&type · /events?ids      { items: EventView[] }: the last of a workload, newest first, or those that evidence names
 *   GET    /audit                          Page<AuditView>
 *   GET    /tokens · POST /tokens { name, role } (the token is in this answer only) · DELETE /tokens/{id}
 *   GET    /bypass · PUT /bypass { on }    the kill switch
 *   GET    /live                           server-sent events: `call` (batches of CallView), `incident`, `signal`, `endpoint`, `quarantine`, `stats` (StatsView each second)
 *   GET    /openapi.json                   OpenAPI 3.1 of all this
 *   GET    /metrics (outside /api/v1)      Prometheus text, token needed
 */
import type { CatalogChange } from '../catalog/changes/catalog-change.ts'
import type { DataClassGroup } from '../catalog/data-class.ts'
import type { MergeReview } from '../catalog/directions/merge-review.ts'
import type { DataField, Endpoint, RiskFactor } from '../catalog/endpoint.ts'
import type { MaskedExample } from '../catalog/examples/example.ts'
import type { LearnedMessages } from '../catalog/messages.ts'
import type { Labels } from '../catalog/ownership/labels.ts'
import type { SchemaNode } from '../catalog/schema-node.ts'
import type { DetectorFamily } from '../detect/detector-family.ts'
import type { DismissalReason, DismissalScope } from '../detect/tuning/suppression.ts'
import type { Verdict } from '../detect/tuning/tuning.ts'
import type { DetectorWhy } from '../detect/tuning/why.ts'
import type { GraphEdge } from '../graph/edge.ts'
import type { NodeGroup } from '../graph/group.ts'
import type { NodeFacts, NodeKind } from '../graph/node.ts'
import type { Severity } from '../kit/severity.ts'
import type { FindingStatus } from '../store/ports/catalog-state.ts'
import type { Role } from '../store/ports/state-store.ts'

export interface PageView<Item> {
  readonly items: readonly Item[]
  readonly cursor?: string
}

export interface SessionView {
  readonly name: string
  readonly role: Role
}

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

export type MergeReviewView = MergeReview

export interface MaskedExampleView extends Omit<MaskedExample, 'call' | 'time'> {
  /** Its id. */
  readonly call: string
  readonly time: string
}

/** A pin of a template. `by` begins with `file:` where it stands in the catalog file: only there it can be taken out. */
export interface PinView {
  readonly id: string
  readonly host: string
  readonly template: string
  readonly at: string
  readonly by: string
}

/** `field` is named as in `DataField`; `dataClasses` is what the field, or the endpoint where none is named, carries. */
export interface ChangeView {
  readonly id: string
  readonly time: string
  readonly kind: CatalogChange['kind']
  readonly endpoint: string
  readonly side?: 'request' | 'response'
  readonly field?: string
  readonly before?: string
  readonly after?: string
  readonly dataClasses: readonly string[]
  /** Data of a class is touched. */
  readonly sensitive: boolean
}

export interface PrincipalView {
  readonly id: string
  readonly kind: string
  readonly tenant?: string
  readonly roles: readonly string[]
  readonly calls: number
  /** 0 to 100. */
  readonly risk: number
  readonly firstSeen: string
  readonly lastSeen: string
  readonly addresses: readonly string[]
  readonly devices: number
  readonly endpoints: readonly { readonly endpoint: string; readonly calls: number }[]
  readonly quarantine?: QuarantineView
  /** Of one principal that is asked for by its id. */
  readonly ties?: TiesView
  /** Likewise: what it usually does in a day, and what it does today. Absent while analysis does not answer. */
  readonly habits?: HabitsView
}

/** A day of a principal: of `normal` the median of its earlier days with calls. */
export interface DayView {
  readonly calls: number
  readonly endpoints: number
  /** Hours of the day with calls, UTC, 0 to 23, ascending. Of `normal` those of at least a fifth of its days. */
  readonly hours: readonly number[]
  /** Of answers. */
  readonly bytes: number
}

export interface HabitsView {
  /** Absent before three days with calls. */
  readonly normal?: {
    readonly callsPerDay: number
    readonly endpoints: number
    readonly hours: readonly number[]
    readonly bytes: number
    /** Days it rests on, at most 14. */
    readonly days: number
  }
  /** The day, UTC, of the newest call that analysis has seen of anybody. */
  readonly today: DayView & { readonly date: string }
  /** Where today is more than three times the usual, or at hours it was never active at. */
  readonly deviations: readonly {
    readonly what: 'calls' | 'endpoints' | 'bytes' | 'hours'
    /** One sentence. */
    readonly text: string
    readonly value: number
    readonly usual: number
  }[]
  /** Objects that answers were about, `invoice:7`, newest first, at most 20. */
  readonly objects: readonly {
    readonly object: string
    readonly endpoint: string
    readonly time: string
    readonly refused: boolean
  }[]
}

/** Something that a principal was seen with. */
export interface LinkView {
  /** Fingerprint of a token, id of a device, address (of IPv6 its /64). */
  readonly name: string
  readonly calls: number
  readonly firstSeen: string
  readonly lastSeen: string
}

/** With what a principal was seen, the heaviest first, and who is linked to it by that. */
export interface TiesView {
  readonly tokens: readonly LinkView[]
  readonly devices: readonly LinkView[]
  /** `shared` where more users come from it than one person could be: an office, a carrier. */
  readonly addresses: readonly (LinkView & { readonly shared: boolean })[]
  readonly linked: readonly {
    readonly principal: string
    readonly by: string
    readonly name: string
    /** 0 to 1. */
    readonly strength: number
  }[]
}

export interface CallView {
  readonly id: string
  readonly time: string
  readonly durationMs?: number
  readonly method: string
  readonly host: string
  readonly target: string
  readonly status?: number
  readonly endpoint: string
  readonly principal: string
  readonly tenant?: string
  readonly ip?: string
  readonly userAgent?: string
  /** Who called and who answered, `shop/orders`, where a sensor told it. */
  readonly callerWorkload?: string
  readonly workload?: string
  readonly requestBytes: number
  readonly responseBytes: number
  readonly detectors: readonly string[]
  readonly verdict?: { readonly decisionId: string; readonly action: string; readonly policy?: string }
  /** Only on `/calls/{id}`: header pairs and bodies as kept, secrets replaced. */
  readonly request?: {
    readonly headers: readonly (readonly [string, string])[]
    readonly body?: string
    readonly bodyTruncated: boolean
  }
  readonly response?: {
    readonly headers: readonly (readonly [string, string])[]
    readonly body?: string
    readonly bodyTruncated: boolean
  }
  readonly credentials?: readonly {
    readonly scheme: string
    readonly at: string
    readonly fingerprint: string
    readonly claims?: Readonly<Record<string, unknown>>
    readonly verification: string
  }[]
}

export interface CallBucketView {
  readonly time: string
  readonly calls: number
  readonly refused: number
  readonly failed: number
}

export interface SignalView {
  readonly id: string
  readonly detector: string
  readonly detectorTitle: string
  readonly time: string
  readonly severity: Severity
  readonly confidence: number
  readonly principal: string
  readonly tenant?: string
  readonly endpoint?: string
  readonly message: string
  readonly observed: Readonly<Record<string, unknown>>
  readonly expected: Readonly<Record<string, unknown>>
  readonly attempt: boolean
  readonly owasp: readonly string[]
  readonly attack: readonly string[]
  readonly evidence: readonly string[]
  readonly objects: readonly string[]
  readonly dataClasses: readonly string[]
  /** Who is to blame where that is not the principal. */
  readonly actor?: string
  /** `confidence` was corrected by what people said of `n` incidents; `raw` is what the detector said. */
  readonly calibrated?: { readonly raw: number; readonly n: number }
  /** Held back for the noise budget: it opens no incident. */
  readonly held?: { readonly score: number; readonly threshold: number }
}

export interface ActionView {
  readonly kind: string
  readonly title: string
  readonly target: string
  readonly ttlSeconds: number
  readonly effect: { readonly principals: number; readonly calls: number; readonly others: number }
}

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

/** What is not raised for a while, because somebody said that it is expected. */
export interface SuppressionView {
  readonly id: string
  readonly detector: string
  readonly detectorTitle: string
  /** Absent: any. */
  readonly actor?: string
  readonly endpoint?: string
  readonly scope: DismissalScope
  readonly reason: DismissalReason
  readonly note?: string
  readonly incident: string
  /** Only refused attempts were dismissed: a success is raised. */
  readonly attemptsOnly: boolean
  readonly at: string
  readonly by: string
  readonly expiresAt: string
  readonly removedAt?: string
  readonly removedBy?: string
  /** What it kept from being raised, and when last. */
  readonly hits: number
  readonly lastHit?: string
}

export interface DismissalView {
  readonly incident: IncidentView
  readonly suppressions: readonly SuppressionView[]
}

export interface FeedbackView {
  readonly incident: string
  readonly verdict: Verdict
  readonly note?: string
  readonly at: string
  readonly by: string
  readonly detectors: readonly string[]
}

export interface VisitView {
  readonly page: string
  readonly at: string
  /** When the same user was there before. */
  readonly before?: string
}

/** One detector: how it is set, what it said, and what people made of it. */
export interface DetectorView {
  readonly id: string
  readonly title: string
  readonly summary: string
  readonly kind: 'deterministic' | 'statistical'
  readonly family: DetectorFamily
  readonly severity: Severity
  readonly owasp: readonly string[]
  readonly attack: readonly string[]
  readonly whenNotAnAttack: string
  readonly enabled: boolean
  readonly options: readonly {
    readonly name: string
    readonly value: number
    /** What it would be if nobody had said anything: of the configuration, or the detector's own. */
    readonly default: number
    readonly reason: string
  }[]
  readonly signals7d: number
  readonly signals30d: number
  readonly incidents30d: number
  /** Incidents that people said were attacks, and were not. */
  readonly confirmed: number
  readonly dismissed: number
  /** Confirmed among those that somebody spoke of; 95 % interval of Wilson. `value` is null while nobody has. */
  readonly precision: {
    readonly value: number | null
    readonly low: number
    readonly high: number
    readonly n: number
  }
  /** Dismissals that hold now, and findings they kept from being raised. */
  readonly suppressions: number
  readonly suppressed: number
  /** Signals of the last seven days that were held back for the noise budget. */
  readonly held: number
  /** Score from which on it opens incidents; 0: everything does. */
  readonly threshold: { readonly value: number; readonly base: number; readonly why: string }
  readonly calibration: { readonly method: 'none' | 'platt' | 'isotonic'; readonly n: number }
}

export interface BacktestSignalView {
  readonly id: string
  readonly time: string
  readonly severity: Severity
  readonly confidence: number
  readonly principal: string
  readonly endpoint?: string
  readonly message: string
  readonly evidence: readonly string[]
}

/** One detector over recorded calls, as it is set and as it would be. */
export interface BacktestView {
  readonly detector: string
  readonly calls: number
  readonly from?: string
  readonly to?: string
  /** More calls were recorded than one test reads: it read the newest. */
  readonly truncated: boolean
  readonly before: BacktestRunView
  readonly after: BacktestRunView
  /** Signals that only the one or the other raises, at most 200 each. */
  readonly appeared: readonly BacktestSignalView[]
  readonly vanished: readonly BacktestSignalView[]
}

export interface BacktestRunView {
  readonly options: Readonly<Record<string, number>>
  readonly signals: number
  readonly principals: number
  readonly millisPerThousandCalls: number
  /** Entries of state it held at the end. */
  readonly state: number
}

export interface WhyView extends DetectorWhy {
  readonly title: string
}

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

export interface QuarantineView {
  readonly id: string
  readonly kind: 'principal' | 'token' | 'device'
  readonly target: string
  readonly reason: string
  readonly incident?: string
  readonly createdAt: string
  readonly createdBy: string
  readonly expiresAt: string
  readonly releasedAt?: string
  readonly releasedBy?: string
}

/** Whom a quarantine would have touched in the last 24 hours. */
export interface QuarantinePreviewView {
  readonly calls: number
  readonly principals: number
  /** At most 20 of each, by calls. */
  readonly named: readonly { readonly principal: string; readonly calls: number }[]
  readonly endpoints: readonly { readonly endpoint: string; readonly calls: number }[]
  readonly truncated: boolean
  /** 15 minutes, the next time an hour, then a day. */
  readonly ttlSeconds: number
  /** A device of more than five principals: it is not shut out. */
  readonly shared: boolean
}

export interface PolicyView {
  readonly name: string
  readonly source: string
  readonly version: number
  readonly updatedAt: string
  readonly updatedBy: string
  readonly mode: string
  readonly phase: string
  readonly action: string
  /** Who answers for it, and until when it holds. */
  readonly owner?: string
  readonly expiresAt?: string
  /**
   * Decisions of the last 24 hours; of them those that it acted on, and on whom. What did not stop a call is written down at most every ten
   * seconds for each caller: there may have been more.
   */
  readonly effect: {
    readonly decisions: number
    readonly principals: number
    readonly acted: number
    readonly actedPrincipals: number
  }
  readonly rollout: RolloutView
}

/** What all policies together did in the last 24 hours. */
export interface DecisionSummaryView {
  readonly since: string
  readonly decisions: number
  readonly acted: number
  /** Distinct callers that were acted on. */
  readonly principals: number
  /** There were more decisions than were counted. */
  readonly truncated: boolean
}

/** What can be written in a policy: for editors. */
export interface PolicyLanguageView {
  /** JSON Schema of the document. */
  readonly schema: Readonly<Record<string, unknown>>
  /** `request.method` and its CEL type. */
  readonly facts: readonly { readonly name: string; readonly type: string }[]
  readonly functions: readonly { readonly name: string; readonly about: string }[]
  /** Ready-made policies, in shadow. */
  readonly templates: readonly {
    readonly id: string
    readonly title: string
    readonly summary: string
    readonly source: string
  }[]
}

export interface BypassView {
  readonly on: boolean
  /** Policies that are set aside. */
  readonly policies: readonly string[]
  /** By the file and SALLYPORT_BYPASS, whatever is said here. */
  readonly local: { readonly all: boolean; readonly policies: readonly string[]; readonly file: string }
}

/** Shadow, canary or enforce. `percent` is a canary's share of principals. */
export interface StageView {
  readonly mode: 'shadow' | 'canary' | 'enforce'
  readonly percent?: number
}

export interface RolloutView {
  readonly stage: StageView
  readonly since: string
  /** Share of the calls of no attack that it was expected to stop, 0 to 1. */
  readonly estimate?: number
  /** It was put back to shadow by itself. */
  readonly rolledBack?: { readonly at: string; readonly why: string; readonly from: string }
  /** Of one policy only: where it goes next, why not yet, and what the simulation of these very rules said. */
  readonly next?: StageView
  readonly waits?: string
  readonly simulation?: SimulationSummaryView
  /** What was seen in the last ten minutes at most, where it acts: of those it acts for, and of the others (a canary's control group). */
  readonly effect?: {
    readonly from: string
    readonly acting: GroupReadingView
    readonly control: GroupReadingView
    /** Distinct callers it acts for, and how many of them it stopped. */
    readonly principals: number
    readonly stoppedPrincipals: number
  }
}

export interface GroupReadingView {
  readonly calls: number
  readonly stopped: number
  /** By the service; of them those with 5xx, and the 99th percentile of their durations in milliseconds. */
  readonly answered: number
  readonly failed: number
  readonly p99?: number
}

export interface SimulationSummaryView {
  readonly at: string
  /** The span of the calls; absent where there were none. */
  readonly from?: string
  readonly to?: string
  readonly by: string
  readonly calls: number
  readonly matched: number
  readonly stopped: number
  readonly attacks: number
  readonly attacksStopped: number
  readonly benign: number
  readonly benignStopped: number
  readonly benignAmended: number
}

/** Policies that may stop it, the best first. */
export interface PolicyRecommendationsView {
  readonly items: readonly {
    readonly name: string
    readonly title: string
    readonly why: string
    /** In shadow: to be read, applied and promoted. */
    readonly source: string
    readonly action: string
    /** Distinct callers it would have touched. */
    readonly principals: number
    readonly simulation: SimulationSummaryView
  }[]
  /** The span of the calls that were looked at. */
  readonly from?: string
  readonly to?: string
}

export interface PolicyVersionView {
  readonly version: number
  readonly source: string
  readonly at: string
  readonly by: string
  /** `put`, `promote to …`, `rollback to …`, `automatic rollback: …`. */
  readonly change: string
  readonly stage: StageView
}

export interface PolicyProblemView {
  readonly severity: 'error' | 'warning'
  readonly message: string
  /** `policy:line:column`. */
  readonly where?: string
  readonly line?: number
  readonly column?: number
  readonly mend?: string
}

export interface PolicyCheckView {
  readonly valid: boolean
  readonly problems: readonly PolicyProblemView[]
  /** The tests written inside, as they end; none while it cannot be read. */
  readonly tests: readonly {
    readonly policy: string
    readonly test: string
    readonly passed: boolean
    readonly expected: string
    readonly actual: string
    readonly message?: string
  }[]
}

export interface SimulationView {
  readonly calls: number
  readonly from?: string
  readonly to?: string
  /** Calls the policy would have acted on, and on whom. */
  readonly matched: number
  readonly principals: readonly {
    readonly principal: string
    readonly calls: number
    readonly inIncident: boolean
  }[]
  readonly endpoints: readonly { readonly endpoint: string; readonly calls: number }[]
  readonly examples: readonly string[]
  /** Of the rules, whatever their stage. */
  readonly hash: string
  /** The window held more calls than were read: the newest were. */
  readonly truncated: boolean
  /** Refused; let through changed; conditions that failed. */
  readonly stopped: number
  readonly amended: number
  readonly errors: number
  /** Calls that are evidence of incidents. */
  readonly attacks: TouchedView & {
    readonly missed: number
    readonly missedExamples: readonly TouchView[]
    readonly incidents: readonly {
      readonly incident: string
      readonly calls: number
      readonly stopped: number
    }[]
  }
  /** By the actors of incidents, there and then, but no evidence. */
  readonly suspect: TouchedView
  /** Of nobody suspect, and answered with 2xx. */
  readonly benign: TouchedView
  /** Of nobody suspect, and refused or failed. */
  readonly other: TouchedView
  readonly policies: readonly {
    readonly policy: string
    readonly action: string
    readonly phase: string
    readonly matched: number
    readonly stopped: number
    readonly amended: number
    readonly principals: number
    readonly attacksStopped: number
    readonly suspectStopped: number
    readonly benignStopped: number
    readonly benignAmended: number
  }[]
}

export interface TouchedView {
  readonly calls: number
  readonly stopped: number
  readonly amended: number
  readonly principals: number
  readonly examples: readonly TouchView[]
}

/** A call, and what would have become of it. */
export interface TouchView {
  readonly call: string
  readonly time: string
  readonly principal: string
  readonly endpoint: string
  readonly status?: number
  readonly policy?: string
  readonly action?: string
}

export interface DecisionView {
  readonly id: string
  readonly time: string
  readonly action: string
  readonly phase: string
  readonly policy: string
  readonly mode: string
  readonly principal: string
  readonly endpoint: string
  readonly call: string
  readonly reason: string
  /** False where it was only written down: in shadow, or outside a canary's share. */
  readonly acted: boolean
}

/** One decision and why it was made. */
export interface DecisionDetailView extends DecisionView {
  /** The policy as it stood then; absent where it is no policy (`quarantine`, `route-class`) or its versions are gone. */
  readonly policyVersion?: PolicyVersionView
  /** The call, where it is kept. */
  readonly decided?: CallView
  /** The policy's condition, and what it read of that call; as far as the recording and what is known now tell it. */
  readonly condition?: string
  readonly facts?: readonly { readonly name: string; readonly value: string }[]
  /** Entries that hold for this caller now. */
  readonly quarantine: readonly QuarantineView[]
}

/** A specification that was given, and what was made of it. */
export interface SpecView {
  readonly name: string
  readonly format: string
  readonly title: string
  readonly version: string
  readonly servers: readonly string[]
  readonly operations: number
  /** Warnings, one sentence each, with their place. */
  readonly problems: readonly string[]
  readonly updatedAt: string
  readonly updatedBy: string
}

export interface FindingView {
  readonly id: string
  readonly rule: string
  readonly severity: Severity
  readonly endpoint: string
  readonly title: string
  readonly why: string
  readonly fix: string
  readonly owasp: readonly string[]
  readonly evidence: readonly string[]
  /** `gone`: it is no longer so; kept for 90 days. */
  readonly status: FindingStatus
  readonly firstSeen: string
  readonly lastSeen: string
  /** Absent once `until` has passed. */
  readonly dismissed?: {
    readonly by: string
    readonly at: string
    readonly reason: string
    readonly until?: string
  }
}

export interface SensorView {
  readonly id: string
  readonly kind: string
  /** `running`; `starting`; `degraded`: does not see everything; `stopped`: not asked for, and could not start. */
  readonly state: string
  readonly events: number
  readonly dropped: number
  readonly rejected: number
  readonly lastEventAt?: string
  readonly detail?: string
  /** Where it listens or connects to. */
  readonly address?: string
  readonly perSecond?: number
  /** How far behind the newest event was when it came. */
  readonly lagMs?: number
  /** 0 to 1: the share of what happens that its sources say they keep. */
  readonly sampledShare?: number
  /** What it sees of a call: `none`, `head` (no bodies), `request` (no answer), `full`. */
  readonly sees?: string
  /** Workloads, hosts or streams it hears from, silent ones first; at most 50. */
  readonly sources?: readonly {
    readonly name: string
    readonly events: number
    readonly lastEventAt: string
    readonly silent: boolean
  }[]
}

export interface GraphNodeView {
  readonly id: string
  readonly kind: NodeKind
  readonly name: string
  readonly firstSeen: string
  readonly lastSeen: string
  /** Of a workload: events that named it. */
  readonly events: number
  readonly facts: NodeFacts
}

/** `from` and `to` are ids of nodes. */
export interface GraphEdgeView extends Omit<GraphEdge, 'from' | 'to' | 'firstSeen' | 'lastSeen'> {
  readonly from: string
  readonly to: string
  readonly firstSeen: string
  readonly lastSeen: string
}

export interface GraphView {
  readonly nodes: readonly GraphNodeView[]
  readonly edges: readonly GraphEdgeView[]
  readonly groups: readonly NodeGroup[]
  /** There is more than was asked for. */
  readonly truncated: boolean
}

export interface GraphPathView {
  readonly nodes: readonly GraphNodeView[]
  readonly edges: readonly GraphEdgeView[]
  /** Every step happened. */
  readonly did: boolean
  readonly sentence: string
}

export interface ReachedView {
  readonly node: GraphNodeView
  readonly steps: number
  readonly did: boolean
}

export interface ReachView {
  readonly of: GraphNodeView
  readonly reached: Readonly<Record<NodeKind, number>>
  readonly reachable: Readonly<Record<NodeKind, number>>
  readonly data: readonly {
    readonly dataClass: string
    readonly did: boolean
    readonly path: GraphPathView
  }[]
  readonly stores: readonly ReachedView[]
  readonly endpoints: readonly ReachedView[]
  readonly identities: readonly ReachedView[]
}

export interface EntitlementView {
  readonly identity: string
  readonly workloads: readonly string[]
  readonly target: string
  /** Absent where the grant has no time. */
  readonly since?: string
  /** Within the days asked for. */
  readonly used: boolean
  readonly uses: number
  readonly lastUsed?: string
}

export interface WorkloadView {
  /** `cluster/namespace/name`, or as much of it as is known. */
  readonly id: string
  readonly name: string
  readonly cluster?: string
  readonly namespace?: string
  readonly kind?: string
  readonly version?: string
  readonly environment?: string
  readonly exposure?: string
  readonly rolledOutAt?: string
  /** Events that named it. */
  readonly events: number
  readonly firstSeen: string
  readonly lastSeen: string
}

/** Something that happened on a workload and is no call: a program that ran, a store that was read, a connection, an identity taken on. */
export interface EventView {
  readonly id: string
  readonly time: string
  readonly type: 'runtime' | 'access' | 'flow' | 'identity'
  /** Id of the workload. */
  readonly workload: string
  /** What happened, in words: `ran /bin/sh`. */
  readonly what: string
  /** `allowed`, `blocked` …, as the sensor said. */
  readonly outcome?: string
  /** Who told it. */
  readonly source?: string
  /** The sensor's rule that it met. */
  readonly rule?: string
  /** Ids of incidents that rest on it, among the 200 latest. */
  readonly incidents: readonly string[]
}

/** Edges by how much went over them; each list holds 200 at most. */
export interface WorkloadDetailView extends WorkloadView {
  readonly callers: readonly GraphEdgeView[]
  readonly serves: readonly GraphEdgeView[]
  readonly calls: readonly GraphEdgeView[]
  readonly stores: readonly GraphEdgeView[]
  readonly identities: readonly GraphEdgeView[]
}

export interface AuditView {
  readonly sequence: number
  readonly time: string
  readonly actor: string
  readonly action: string
  readonly target: string
  readonly detail: Readonly<Record<string, unknown>>
}

export interface TokenView {
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly createdAt: string
  readonly lastUsedAt?: string
  readonly revokedAt?: string
  /** Only in the answer that created it. */
  readonly token?: string
}

export interface StatsView {
  readonly time: string
  readonly callsPerSecond: number
  readonly calls: number
  readonly endpoints: number
  readonly openIncidents: number
  readonly dropped: number
}

export interface OverviewView {
  /** The first line, in words. */
  readonly headline: string
  readonly incidents: readonly IncidentView[]
  readonly openIncidents: number
  /** Endpoints first seen in the last 24 hours, newest first, at most 10. */
  readonly newEndpoints: readonly EndpointView[]
  /** Endpoints with the highest risk, at most 5. */
  readonly riskiest: readonly EndpointView[]
  readonly totals: {
    readonly endpoints: number
    readonly principals: number
    readonly calls: number
    readonly candidates: number
  }
  readonly traffic: readonly CallBucketView[]
  readonly sensors: readonly SensorView[]
  readonly quarantine: readonly QuarantineView[]
  /** True in the demo: the page says that the traffic is simulated. */
  readonly demo: boolean
  readonly gateway?: string
}
