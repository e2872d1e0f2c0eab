import { z } from 'zod'
import type { PolicyVersionView } from '../api/policy-version.ts'
import { dateTime, text } from './fields.ts'
import { answer, pageOf } from './registry.ts'
import { stageView } from './rollout.ts'

export const policyVersionView: z.ZodType<PolicyVersionView> = answer(
  'PolicyVersion',
  z.object({
    version: z.number(),
    source: text,
    at: dateTime,
    by: text,
    change: text,
    stage: stageView,
  }),
)

export const policyVersions = pageOf('PolicyHistory', policyVersionView)
