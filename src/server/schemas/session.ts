import { z } from 'zod'
import type { SessionView } from '../api/session.ts'
import { role, text } from './fields.ts'
import { answer } from './registry.ts'

export const sessionView: z.ZodType<SessionView> = answer('Session', z.object({ name: text, role }))
