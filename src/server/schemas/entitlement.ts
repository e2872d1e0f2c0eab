import { z } from 'zod'
import type { EntitlementView } from '../api/entitlement.ts'
import { count, text, texts, time } from './fields.ts'
import { answer } from './registry.ts'

const entitlementView: z.ZodType<EntitlementView> = answer(
  'Entitlement',
  z.object({
    identity: text,
    workloads: texts.describe('Workloads that run as it.'),
    target: text,
    since: time.exactOptional(),
    used: z.boolean(),
    uses: count,
    lastUsed: time.exactOptional(),
  }),
)

export const entitlementsView = answer(
  'Entitlements',
  z.object({ items: z.array(entitlementView), truncated: z.boolean() }),
)
