import { z } from 'zod'
import type { WorkloadDetailView, WorkloadView } from '../api/workload.ts'
import { count, text, time } from './fields.ts'
import { graphEdgeView } from './graph.ts'
import { answer } from './registry.ts'

const workloadFields = {
  id: text.describe('`cluster/namespace/name`, or as much of it as is known.'),
  name: text,
  cluster: text.exactOptional(),
  namespace: text.exactOptional(),
  kind: text.exactOptional(),
  version: text.exactOptional(),
  environment: text.exactOptional(),
  exposure: text.exactOptional(),
  rolledOutAt: time.exactOptional(),
  events: count.describe('Events that named it.'),
  firstSeen: time,
  lastSeen: time,
}

export const workloadView: z.ZodType<WorkloadView> = answer('Workload', z.object(workloadFields))

const edges = z.array(graphEdgeView)

export const workloadDetailView: z.ZodType<WorkloadDetailView> = answer(
  'WorkloadDetail',
  z.object({
    ...workloadFields,
    callers: edges,
    serves: edges,
    calls: edges,
    stores: edges,
    identities: edges,
  }),
)
