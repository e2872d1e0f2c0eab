import { z } from 'zod'
import { defaultRollout } from '../enforce/rollout.ts'

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
        shadowMinutes: minutes
          .default(defaultRollout.shadowMinutes)
          .describe('Minutes a policy is in shadow at least before it is promoted.'),
        shadowCalls: z
          .number()
          .int()
          .min(0)
          .default(defaultRollout.shadowCalls)
          .describe('Calls that are seen in that time at least.'),
        canaryMinutes: minutes
          .default(defaultRollout.canaryMinutes)
          .describe('Minutes at each step of a canary at least.'),
        automaticRollback: z
          .boolean()
          .default(true)
          .describe(
            'Whether a policy that stops too much, or harms the service, goes back to shadow by itself.',
          ),
      })
      .prefault({}),
  })
  .prefault({})
