import { z } from 'zod'
import type { TokenView } from '../api/token.ts'
import { role, text, time } from './fields.ts'
import { answer } from './registry.ts'

export const tokenView: z.ZodType<TokenView> = answer(
  'Token',
  z.object({
    id: text,
    name: text,
    role,
    createdAt: time,
    lastUsedAt: time.exactOptional(),
    revokedAt: time.exactOptional(),
    token: text.exactOptional(),
  }),
)
