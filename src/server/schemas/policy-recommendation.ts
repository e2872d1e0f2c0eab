import { z } from 'zod'
import type { PolicyRecommendationsView } from '../api/policy-recommendation.ts'
import { dateTime, text } from './fields.ts'
import { answer } from './registry.ts'
import { simulationSummary } from './simulation.ts'

export const policyRecommendations: z.ZodType<PolicyRecommendationsView> = answer(
  'PolicyRecommendations',
  z.object({
    items: z.array(
      z.object({
        name: text,
        title: text,
        why: text,
        source: text,
        action: text,
        principals: z.number(),
        simulation: simulationSummary,
      }),
    ),
    from: dateTime.exactOptional(),
    to: dateTime.exactOptional(),
  }),
)
