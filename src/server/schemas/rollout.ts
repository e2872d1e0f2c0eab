import { z } from 'zod'
import type { RolloutView, StageView } from '../api/rollout.ts'
import { dateTime, text } from './fields.ts'
import { answer } from './registry.ts'
import { simulationSummary } from './simulation.ts'

export const stageView: z.ZodType<StageView> = answer(
  'PolicyStage',
  z.object({
    mode: z.enum(['shadow', 'canary', 'enforce']),
    percent: z.number().exactOptional().describe('Of a canary: the share of principals it acts for.'),
  }),
)

const groupReading = answer(
  'RolloutGroup',
  z.object({
    calls: z.number(),
    stopped: z.number(),
    answered: z.number().describe('By the service.'),
    failed: z.number().describe('Answered with 5xx.'),
    p99: z.number().exactOptional().describe('Milliseconds.'),
  }),
)

export const rolloutView: z.ZodType<RolloutView> = answer(
  'Rollout',
  z.object({
    stage: stageView,
    since: dateTime,
    estimate: z
      .number()
      .exactOptional()
      .describe('Share of the calls of no attack that it was expected to stop.'),
    rolledBack: z
      .object({ at: dateTime, why: text, from: text })
      .exactOptional()
      .describe('It was put back to shadow by itself.'),
    next: stageView.exactOptional(),
    waits: text.exactOptional().describe('Why it may not go on yet.'),
    simulation: simulationSummary.exactOptional().describe('Of these very rules.'),
    plan: z
      .object({
        shadowMinutes: z.number(),
        shadowCalls: z.number(),
        steps: z.array(z.object({ percent: z.number(), minutes: z.number() })),
        automaticRollback: z.boolean(),
        rollback: z
          .object({
            windowMinutes: z.number(),
            blockFactor: z.number(),
            newlyStoppedPercent: z.number(),
            worsePercent: z.number(),
            faultsPercent: z.number(),
          })
          .exactOptional()
          .describe('What takes it back to shadow by itself.'),
      })
      .exactOptional()
      .describe('Its whole way: by the configuration, and what the policy says of itself.'),
    effect: z
      .object({
        from: dateTime,
        acting: groupReading,
        control: groupReading,
        principals: z.number(),
        stoppedPrincipals: z.number(),
      })
      .exactOptional()
      .describe('Of the last ten minutes at most: of those it acts for, and of the others.'),
  }),
)
