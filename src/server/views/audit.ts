import type { AuditRecord } from '../../store/ports/state-store.ts'
import type { AuditView } from '../api/audit.ts'
import { stamp } from './stamp.ts'

export const auditViewOf = ({ sequence, time, actor, action, target, detail }: AuditRecord): AuditView => ({
  sequence,
  time: stamp(time),
  actor,
  action,
  target,
  detail,
})
