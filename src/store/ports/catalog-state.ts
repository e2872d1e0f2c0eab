import type { Finding } from '../../catalog/finding.ts'
import type { Severity } from '../../kit/severity.ts'
import type { Page, PageQuery } from './state-store.ts'

/** A person's word on the catalog, kept until it is taken back. */
export interface StoredDirection {
  /** Of a pin its own; of an override the id of its endpoint. */
  readonly id: string
  readonly kind: 'pin' | 'override'
  /** `TemplatePin` or `EndpointOverride` as JSON. */
  readonly body: string
  readonly at: number
  readonly by: string
}

export const findingStatuses = ['open', 'dismissed', 'gone'] as const
/**
 * `gone`: no longer so. `dismissed`: a person said that it is to stay as it is. `gone` comes first: what is dismissed and gone is gone,
 * and dismissed again when it comes back.
 */
export type FindingStatus = (typeof findingStatuses)[number]

export interface FindingDismissal {
  readonly by: string
  readonly at: number
  readonly reason: string
  /** Open again from this moment on; absent: it holds until it is taken back. */
  readonly until?: number
}

/** A finding and what became of it. Times in ms since the epoch. */
export interface StoredFinding {
  readonly finding: Finding
  readonly status: FindingStatus
  readonly firstSeen: number
  readonly lastSeen: number
  /** Also of one that is gone; absent once `until` has passed. */
  readonly dismissed?: FindingDismissal
}

/** Every given condition must hold. */
export interface CatalogFindingQuery extends PageQuery {
  /** What the time is: dismissals that ran out do not hold. */
  readonly now: number
  readonly ids?: readonly string[]
  readonly rule?: string
  readonly endpoint?: string
  readonly severity?: Severity
  /** Any of these. */
  readonly status?: readonly FindingStatus[]
  /** Part of the rule, the endpoint or the title, in any case. */
  readonly text?: string
}

/** Directions to the catalog and what was found about it. Part of `StateStore`. */
export interface CatalogState {
  /** Adds or replaces by id. */
  putDirection(direction: StoredDirection): Promise<void>
  /** False where there was none. */
  deleteDirection(id: string): Promise<boolean>
  /** Oldest first, then by id. */
  directions(): Promise<readonly StoredDirection[]>

  /**
   * `found` is what holds at `at`: new ones are added, known ones brought up to date, seen last at `at`. What is `gone` holds no more; it
   * is forgotten 90 days after it went. All or nothing.
   */
  putCatalogFindings(findings: {
    readonly found: readonly Finding[]
    readonly gone?: readonly string[]
    readonly at: number
  }): Promise<void>
  /** Most severe first, then by id. */
  catalogFindings(query: CatalogFindingQuery): Promise<Page<StoredFinding>>
  /** All that are not gone, by id. */
  standingFindings(): Promise<readonly { readonly id: string; readonly endpoint: string }[]>
  /** As it is afterwards; undefined where there is none. */
  dismissFinding(dismissal: FindingDismissal & { readonly id: string }): Promise<StoredFinding | undefined>
  /** Takes a dismissal back. As it is afterwards; undefined where there is none. */
  reopenFinding(id: string): Promise<StoredFinding | undefined>
}
