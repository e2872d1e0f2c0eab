import { z } from 'zod'
import type { PolicyView } from '../api/policy.ts'
import { dateTime, text } from './fields.ts'
import { answer } from './registry.ts'
import { rolloutView } from './rollout.ts'

export const policyView: z.ZodType<PolicyView> = answer(
  'Policy',
  z.object({
    name: text,
    source: text,
    version: z.number(),
    updatedAt: dateTime,
    updatedBy: text,
    mode: text,
    phase: text,
    action: text,
    owner: text.exactOptional(),
    expiresAt: dateTime.exactOptional(),
    effect: z.object({
      decisions: z.number(),
      principals: z.number(),
      acted: z.number(),
      actedPrincipals: z.number(),
    }),
    rollout: rolloutView,
  }),
)
