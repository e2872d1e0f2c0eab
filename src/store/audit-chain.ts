import { createHash } from 'node:crypto'
import type { AuditRecord } from './ports/state-store.ts'

/** What the first record is chained to. */
export const auditGenesis = '0'.repeat(64)

/** JSON with object keys sorted and no white space (as RFC 8785 does), so that equal records have equal bytes. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(item => canonicalJson(item)).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`
  }
  return JSON.stringify(value) ?? 'null'
}

/** SHA-256, hex, over the hash before, a line feed and the record as canonical JSON without its own hash. */
export function auditHash(previous: string, record: Omit<AuditRecord, 'hash'>): string {
  const { sequence, time, actor, action, target, detail } = record
  return createHash('sha256')
    .update(`${previous}\n${canonicalJson({ sequence, time, actor, action, target, detail })}`)
    .digest('hex')
}
