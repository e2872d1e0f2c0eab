import { z } from 'zod'
import type { AuditView } from '../api/audit.ts'
import { count, facts, text, time } from './fields.ts'
import { answer } from './registry.ts'

export const auditView: z.ZodType<AuditView> = answer(
  'AuditRecord',
  z.object({ sequence: count, time, actor: text, action: text, target: text, detail: facts }),
)
