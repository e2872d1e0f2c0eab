import { deviceOf } from '../identity/device.ts'
import type { CallStore, StoredCall } from '../store/ports/call-store.ts'
import type { QuarantineEntry } from '../store/ports/state-store.ts'
import { recordedCalls } from './recorded-calls.ts'

/** Whom a quarantine would have touched in the last 24 hours. */
export interface QuarantinePreview {
  readonly calls: number
  readonly principals: number
  /** By calls, at most 20. */
  readonly named: readonly { readonly principal: string; readonly calls: number }[]
  readonly endpoints: readonly { readonly endpoint: string; readonly calls: number }[]
  /** There were more calls in that time than were read: the newest were. */
  readonly truncated: boolean
}

/** More callers than these behind one device are people behind one address: nobody shuts them out together. */
export const mostSharing = 5

const dayMs = 86_400_000
const readCalls = 50_000
const maxNamed = 20

/** @param now Milliseconds since the epoch. */
export async function previewQuarantine(
  { kind, target }: Pick<QuarantineEntry, 'kind' | 'target'>,
  calls: CallStore,
  now: number,
): Promise<QuarantinePreview> {
  const principals = new Map<string, number>()
  const endpoints = new Map<string, number>()
  let found = 0
  let read = 0
  for await (const stored of recordedCalls(calls, { since: now - dayMs }, readCalls)) {
    read += 1
    if (!isBy(stored, kind, target)) continue
    found += 1
    principals.set(stored.principal, (principals.get(stored.principal) ?? 0) + 1)
    endpoints.set(stored.endpoint, (endpoints.get(stored.endpoint) ?? 0) + 1)
  }
  return {
    calls: found,
    principals: principals.size,
    named: ranked(principals).map(([principal, count]) => ({ principal, calls: count })),
    endpoints: ranked(endpoints).map(([endpoint, count]) => ({ endpoint, calls: count })),
    truncated: read >= readCalls,
  }
}

function isBy(stored: StoredCall, kind: QuarantineEntry['kind'], target: string): boolean {
  if (kind === 'principal') return stored.principal === target
  const { source, request, credentials } = stored.call
  if (kind === 'device') return deviceOf(source, request.headers).id === target
  return credentials.some(({ fingerprint }) => fingerprint === target)
}

const ranked = (counts: ReadonlyMap<string, number>): [string, number][] =>
  [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, maxNamed)
