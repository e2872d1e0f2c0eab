import { z } from 'zod'
import type { VisitView } from '../api/visit.ts'
import { text, time } from './fields.ts'
import { answer } from './registry.ts'

export const visitView: z.ZodType<VisitView> = answer(
  'Visit',
  z.object({ page: text, at: time, before: time.exactOptional() }),
)
