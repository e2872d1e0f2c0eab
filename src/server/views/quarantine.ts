import type { QuarantineEntry } from '../../store/ports/state-store.ts'
import type { QuarantineView } from '../api/quarantine.ts'
import { optional, optionalStamp } from './optional.ts'
import { stamp } from './stamp.ts'

export function quarantineViewOf(entry: QuarantineEntry): QuarantineView {
  return {
    id: entry.id,
    kind: entry.kind,
    target: entry.target,
    reason: entry.reason,
    ...optional('incident', entry.incident),
    createdAt: stamp(entry.createdAt),
    createdBy: entry.createdBy,
    expiresAt: stamp(entry.expiresAt),
    ...optionalStamp('releasedAt', entry.releasedAt),
    ...optional('releasedBy', entry.releasedBy),
  }
}
