import { z } from 'zod'
import { policyKinds } from '../../posture/kinds/index.ts'
import { maxLearningDays } from '../../posture/window.ts'
import { defineRoute } from '../route.ts'
import { excluded, moment, name } from '../schemas/params.ts'
import { recommendationView } from '../schemas/recommendation.ts'
import { present } from '../views/present.ts'

const whole = (least: number, most: number) =>
  z.coerce
    .number({ error: `must be a whole number from ${least} to ${most}` })
    .int()
    .min(least)
    .max(most)

export const showRecommendation = defineRoute({
  method: 'GET',
  path: '/recommendations',
  summary: 'Policies that allow what a workload and its callers were seen to do, and nothing else',
  role: 'viewer',
  query: z.strictObject({
    node: name.describe('`workload:shop/orders`, or `namespace:shop` for all of a namespace.'),
    kind: z.enum(policyKinds.map(({ id }) => id)),
    days: whole(1, maxLearningDays).optional().describe('Days that are learned from; 14 when absent.'),
    until: moment.optional().describe('The end of those days; the newest thing that was seen when absent.'),
    minCalls: whole(1, 1_000_000)
      .optional()
      .describe('Times at least that something was seen; 3 when absent.'),
    minDays: whole(1, maxLearningDays).optional().describe('Days at least; 1 when absent.'),
    include: excluded.optional().describe('Names allowed whatever the support; `*` stands for any text.'),
    exclude: excluded.optional().describe('Names not allowed.'),
    gateway: name.optional().describe('The workload that lets callers from outside in.'),
    trustDomain: z
      .string()
      .regex(/^[a-z0-9.-]{1,253}$/)
      .optional()
      .describe('Of the mesh; `cluster.local` when absent.'),
  }),
  response: recommendationView,
  async handler({ backend, query }) {
    const { node, ...rest } = query
    return await backend.askGraph('recommendation', { for: node, ...present(rest) })
  },
})
