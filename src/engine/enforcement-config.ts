import { z } from 'zod'
import { defaultRollout } from '../enforce/rollout.ts'
import { defaultRollback } from '../enforce/rollout-judge.ts'

const minutes = z.number().int().min(0).max(525_600)

/** How policies come into force, and what happens where they cannot be asked. */
export const enforcementSchema = z
  .strictObject({
    routes: z
      .array(
        z.strictObject({
          endpoints: z
            .array(z.string().min(3))
            .min(1)
            .describe('`POST /payments`, or globs as in the match of a policy.'),
          onFailure: z.enum(['allow', 'deny']).describe('allow lets the call pass, deny answers 503.'),
        }),
      )
      .max(200)
      .default([])
      .describe(
        'What becomes of calls when no decision can be made; the first that names the endpoint decides, others pass.',
      ),
    rollout: z
      .strictObject({
        steps: z
          .array(z.number().min(0.1).max(100))
          .max(20)
          .default([...defaultRollout.steps])
          .describe('Percents of principals that a canary goes through.'),
        stepMinutes: z
          .array(minutes)
          .max(20)
          .default([])
          .describe(
            'Minutes at each of these steps at least, in their order; canaryMinutes where there is none.',
          ),
        shadowMinutes: minutes
          .default(defaultRollout.shadowMinutes)
          .describe('Minutes a policy is in shadow at least before it is promoted.'),
        shadowCalls: z
          .number()
          .int()
          .min(0)
          .default(defaultRollout.shadowCalls)
          .describe(
            'Calls that the endpoints of its match have in that time at least; all calls where it names none.',
          ),
        canaryMinutes: minutes
          .default(defaultRollout.canaryMinutes)
          .describe('Minutes at each step of a canary at least.'),
        automaticRollback: z
          .boolean()
          .default(true)
          .describe(
            'Whether a policy that stops too much, or harms the service, goes back to shadow by itself.',
          ),
        rollback: z
          .strictObject({
            windowMinutes: z
              .number()
              .int()
              .min(1)
              .max(1_440)
              .default(defaultRollback.windowMinutes)
              .describe('Minutes in which what a policy does is measured.'),
            blockFactor: z
              .number()
              .min(1)
              .max(1_000)
              .default(defaultRollback.blockFactor)
              .describe(
                'It goes back when it stops more than so many times the share of calls that was simulated.',
              ),
            newlyStoppedPercent: z
              .number()
              .min(0)
              .max(100)
              .default(defaultRollback.newlyStoppedPercent)
              .describe(
                'It goes back when it stops more than this share of the callers that were well before.',
              ),
            worsePercent: z
              .number()
              .min(0)
              .max(10_000)
              .default(defaultRollback.worsePercent)
              .describe(
                'It goes back when the service fails, or takes, so much more than in the control group.',
              ),
            faultsPercent: z
              .number()
              .min(0)
              .max(100)
              .default(defaultRollback.faultsPercent)
              .describe('It goes back when more than this share of decisions fails.'),
          })
          .prefault({}),
      })
      .prefault({}),
  })
  .prefault({})
