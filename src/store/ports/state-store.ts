import type { Incident } from '../../detect/incident.ts'
import type { Signal } from '../../detect/signal.ts'
import type { CounterSet } from '../../kit/counters.ts'
import type { PolicyAction, PolicyMode } from '../../policy/facts.ts'
import type { CatalogState } from './catalog-state.ts'
import type { PolicyState } from './policy-state.ts'
import type { TuningState } from './tuning-state.ts'

export type { PolicyVersion, StoredPolicy, StoredRollout, StoredSimulation } from './policy-state.ts'

export type Role = 'viewer' | 'analyst' | 'admin'

export interface QuarantineEntry {
  readonly id: string
  readonly kind: 'principal' | 'token' | 'device'
  /** A principal id, a token fingerprint or a device's. */
  readonly target: string
  readonly reason: string
  readonly incident?: string
  readonly createdAt: number
  readonly createdBy: string
  readonly expiresAt: number
  /** Set when someone undid it. */
  readonly releasedAt?: number
  readonly releasedBy?: string
}

export interface ApiToken {
  readonly id: string
  readonly name: string
  readonly role: Role
  /** SHA-256 of the token, hex. The token itself is shown once and not kept. */
  readonly hash: string
  readonly createdAt: number
  readonly lastUsedAt?: number
  readonly revokedAt?: number
}

export interface AuditRecord {
  readonly sequence: number
  readonly time: number
  /** `token:<name>`, `session:<name>`, `cli`, `system`. */
  readonly actor: string
  /** `policy.put`, `quarantine.add`, `incident.close`, … */
  readonly action: string
  readonly target: string
  readonly detail: Readonly<Record<string, unknown>>
  /** SHA-256 over the previous record's hash and this record: a cut or changed record shows. */
  readonly hash: string
}

export interface DecisionRecord {
  readonly id: string
  readonly time: number
  readonly action: PolicyAction['type']
  /** False where its mode let it be written down only; absent where it was done. */
  readonly acted?: false
  readonly phase: 'request' | 'response'
  readonly policy: string
  readonly mode: PolicyMode
  readonly principal: string
  readonly endpoint: string
  readonly call: string
  readonly reason: string
}

/** Which decisions are asked for; all that is given has to agree. */
export interface DecisionQuery extends PageQuery {
  readonly principal?: string
  readonly policy?: string
  /** Milliseconds since the epoch; `until` is exclusive. */
  readonly since?: number
  readonly until?: number
  readonly action?: DecisionRecord['action']
  readonly phase?: DecisionRecord['phase']
  readonly mode?: DecisionRecord['mode']
}

/** A person's word on an incident; outlives the analysis that found it. */
export interface IncidentResolution {
  readonly incident: string
  readonly status: 'closed'
  readonly reason: string
  readonly at: number
  readonly by: string
  /** Revision of the incident that was seen: it opens again once it goes on. Absent: it stays closed. */
  readonly revision?: number
}

export interface Page<Item> {
  readonly items: readonly Item[]
  readonly cursor?: string
}

export interface PageQuery {
  /** 1 to 1000, 100 when absent. */
  readonly limit?: number
  readonly cursor?: string
}

/**
 * What must not be lost: findings, policies, people's decisions. A promise that resolved means the change survives
 * `kill -9` and power loss. Lists are newest first unless said otherwise.
 */
export interface StateStore extends CatalogState, TuningState, PolicyState {
  /** Adds or replaces by id, in one transaction. */
  putFindings(findings: {
    readonly signals: readonly Signal[]
    readonly incidents: readonly Incident[]
    /** Ids of incidents that became part of another: forgotten. */
    readonly folded?: readonly string[]
  }): Promise<void>
  incidents(query: PageQuery & { readonly status?: string; readonly since?: number }): Promise<Page<Incident>>
  incident(id: string): Promise<Incident | undefined>
  signals(
    query: PageQuery & {
      readonly ids?: readonly string[]
      readonly principal?: string
      readonly detector?: string
      readonly endpoint?: string
      readonly since?: number
      /** Only those that the noise budget held back, or only the others. */
      readonly held?: boolean
    },
  ): Promise<Page<Signal>>
  putResolution(resolution: IncidentResolution): Promise<void>
  /** Reopens. */
  deleteResolution(incident: string): Promise<void>
  resolutions(): Promise<readonly IncidentResolution[]>

  putQuarantine(entry: QuarantineEntry): Promise<void>
  /** All that are neither expired at `now` nor released; with `all`, every one. */
  quarantine(now: number, options?: { readonly all?: boolean }): Promise<readonly QuarantineEntry[]>
  releaseQuarantine(id: string, by: string, at: number): Promise<QuarantineEntry | undefined>

  putDecisions(decisions: readonly DecisionRecord[]): Promise<void>
  decision(id: string): Promise<DecisionRecord | undefined>
  decisions(query: DecisionQuery): Promise<Page<DecisionRecord>>

  putToken(token: ApiToken): Promise<void>
  tokens(): Promise<readonly ApiToken[]>
  tokenByHash(hash: string): Promise<ApiToken | undefined>
  touchToken(id: string, at: number): Promise<void>
  revokeToken(id: string, at: number): Promise<boolean>

  /** Appends with the next sequence number and the chained hash. */
  audit(record: Omit<AuditRecord, 'sequence' | 'hash'>): Promise<AuditRecord>
  auditLog(query: PageQuery): Promise<Page<AuditRecord>>
  /** The first sequence whose hash does not fit, or undefined when the chain is whole. */
  verifyAudit(): Promise<number | undefined>

  getSetting(key: string): Promise<string | undefined>
  putSetting(key: string, value: string): Promise<void>
  /** What was dropped at a bound, where the driver has one. */
  readonly counters?: CounterSet
  close(): Promise<void>
}
