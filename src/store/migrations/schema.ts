/**
 * The tables as kysely sees them, the same for every SQL driver. `body` columns hold the record as JSON; the other
 * columns are what is searched and sorted by. Times are whole milliseconds since the epoch.
 */
export interface StateSchema {
  readonly schema_versions: { version: number; name: string; applied_at: number }
  readonly signals: {
    id: string
    time: number
    detector: string
    principal: string
    endpoint: string | null
    body: string
    /** 1 where it was held back. */
    held: number
  }
  readonly incidents: { id: string; updated: number; status: string; body: string }
  readonly resolutions: {
    incident: string
    status: string
    reason: string
    at: number
    by: string
    revision: number | null
  }
  readonly policies: { name: string; source: string; version: number; updated_at: number; updated_by: string }
  readonly policy_versions: {
    name: string
    version: number
    source: string
    updated_at: number
    updated_by: string
    change: string
  }
  readonly simulations: { hash: string; at: number; body: string }
  readonly rollouts: { policy: string; body: string }
  readonly quarantine: {
    id: string
    kind: string
    target: string
    reason: string
    incident: string | null
    created_at: number
    created_by: string
    expires_at: number
    released_at: number | null
    released_by: string | null
  }
  readonly decisions: { id: string; time: number; principal: string; policy: string; body: string }
  readonly tokens: {
    id: string
    name: string
    role: string
    hash: string
    created_at: number
    last_used_at: number | null
    revoked_at: number | null
  }
  readonly audit: {
    sequence: number
    time: number
    actor: string
    action: string
    target: string
    detail: string
    hash: string
  }
  readonly audit_head: { id: number; sequence: number; hash: string }
  readonly settings: { key: string; value: string }
  readonly directions: { id: string; kind: string; body: string; at: number; by: string }
  /** `rank` is of the severity, `words` what is searched in, in small letters. */
  readonly catalog_findings: {
    id: string
    rule: string
    endpoint: string
    rank: number
    words: string
    body: string
    first_seen: number
    last_seen: number
    gone_at: number | null
    dismissed_at: number | null
    dismissed_by: string | null
    dismissed_reason: string | null
    dismissed_until: number | null
  }
  readonly suppressions: {
    id: string
    body: string
    at: number
    expires_at: number
    removed_at: number | null
    removed_by: string | null
  }
  readonly feedback: { incident: string; body: string; at: number }
  readonly detector_settings: { detector: string; body: string }
  readonly visits: { user: string; page: string; at: number }
}
