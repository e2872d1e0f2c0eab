import { z } from 'zod'
import type { ReachView } from '../api/reach.ts'
import { count, text } from './fields.ts'
import { graphNodeView, graphPathView, nodeKind } from './graph.ts'
import { answer } from './registry.ts'

const reachedList = z.array(z.object({ node: graphNodeView, steps: count, did: z.boolean() }))

const byKind = z.record(nodeKind, count)

export const reachView: z.ZodType<ReachView> = answer(
  'Reach',
  z.object({
    of: graphNodeView,
    reached: byKind.describe('Nodes that were reached, by kind.'),
    reachable: byKind.describe('With grants that were never used.'),
    data: z
      .array(z.object({ dataClass: text, did: z.boolean(), path: graphPathView }))
      .describe('Classes of data, the nearest first.'),
    stores: reachedList,
    endpoints: reachedList,
    identities: reachedList,
  }),
)
