import type { Insertable, Selectable } from 'kysely'
import type { Incident } from '../../detect/incident.ts'
import type { Signal } from '../../detect/signal.ts'
import type { StateSchema } from '../migrations/schema.ts'
import type {
  ApiToken,
  AuditRecord,
  DecisionRecord,
  QuarantineEntry,
  Role,
  StoredPolicy,
} from '../ports/state-store.ts'

// Records to rows and back. `Number(…)` throughout: PostgreSQL's driver hands 64-bit integers over as strings.

/** Times of calls may carry fractions; what is sorted and searched by is whole, the record keeps the rest. */
export const roundTime = (time: number): number => Math.floor(time)

export const signalRow = (signal: Signal): Insertable<StateSchema['signals']> => ({
  id: signal.id,
  time: roundTime(signal.time),
  detector: signal.detector,
  principal: signal.principal,
  endpoint: signal.endpoint ?? null,
  body: JSON.stringify(signal),
  held: signal.held === undefined ? 0 : 1,
})

export const incidentRow = (incident: Incident): Insertable<StateSchema['incidents']> => ({
  id: incident.id,
  updated: roundTime(incident.updated),
  status: incident.status,
  body: JSON.stringify(incident),
})

export const decisionRow = (decision: DecisionRecord): Insertable<StateSchema['decisions']> => ({
  id: decision.id,
  time: roundTime(decision.time),
  principal: decision.principal,
  policy: decision.policy,
  body: JSON.stringify(decision),
})

export const policyOf = (row: Selectable<StateSchema['policies']>): StoredPolicy => ({
  name: row.name,
  source: row.source,
  version: Number(row.version),
  updatedAt: Number(row.updated_at),
  updatedBy: row.updated_by,
})

export const quarantineRow = (entry: QuarantineEntry): Insertable<StateSchema['quarantine']> => ({
  id: entry.id,
  kind: entry.kind,
  target: entry.target,
  reason: entry.reason,
  incident: entry.incident ?? null,
  created_at: entry.createdAt,
  created_by: entry.createdBy,
  expires_at: entry.expiresAt,
  released_at: entry.releasedAt ?? null,
  released_by: entry.releasedBy ?? null,
})

export const quarantineOf = (row: Selectable<StateSchema['quarantine']>): QuarantineEntry => ({
  id: row.id,
  kind: row.kind === 'token' || row.kind === 'device' ? row.kind : 'principal',
  target: row.target,
  reason: row.reason,
  ...(row.incident === null ? {} : { incident: row.incident }),
  createdAt: Number(row.created_at),
  createdBy: row.created_by,
  expiresAt: Number(row.expires_at),
  ...(row.released_at === null ? {} : { releasedAt: Number(row.released_at) }),
  ...(row.released_by === null ? {} : { releasedBy: row.released_by }),
})

export const tokenRow = (token: ApiToken): Insertable<StateSchema['tokens']> => ({
  id: token.id,
  name: token.name,
  role: token.role,
  hash: token.hash,
  created_at: token.createdAt,
  last_used_at: token.lastUsedAt ?? null,
  revoked_at: token.revokedAt ?? null,
})

const roles: readonly Role[] = ['viewer', 'analyst', 'admin']

export const tokenOf = (row: Selectable<StateSchema['tokens']>): ApiToken => ({
  id: row.id,
  name: row.name,
  // An unknown word gives the least: a token must never gain rights by a damaged or newer row.
  role: roles.find(role => role === row.role) ?? 'viewer',
  hash: row.hash,
  createdAt: Number(row.created_at),
  ...(row.last_used_at === null ? {} : { lastUsedAt: Number(row.last_used_at) }),
  ...(row.revoked_at === null ? {} : { revokedAt: Number(row.revoked_at) }),
})

export const auditOf = (row: Selectable<StateSchema['audit']>): AuditRecord => ({
  sequence: Number(row.sequence),
  time: Number(row.time),
  actor: row.actor,
  action: row.action,
  target: row.target,
  detail: JSON.parse(row.detail) as Record<string, unknown>,
  hash: row.hash,
})

/** Rows per insert statement; thirteen columns at most, far below SQLite's limit of 32,766 parameters. */
const rowsPerStatement = 200

/** The last of each id: PostgreSQL refuses an upsert that meets the same row twice. */
export function latestById<Item extends { readonly id: string }>(items: readonly Item[]): Item[] {
  return [...new Map(items.map(item => [item.id, item])).values()]
}

export function* chunks<Row>(rows: readonly Row[]): Generator<Row[]> {
  for (let start = 0; start < rows.length; start += rowsPerStatement)
    yield rows.slice(start, start + rowsPerStatement)
}
