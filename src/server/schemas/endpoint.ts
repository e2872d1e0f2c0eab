import { z } from 'zod'
import type { EndpointDetailView, EndpointView } from '../api/endpoint.ts'
import { count, text, texts, time } from './fields.ts'
import { findingView } from './finding.ts'
import { labels } from './labels.ts'
import { learnedMessages } from './learned-messages.ts'
import { learnedSchema } from './learned-schema.ts'
import { answer } from './registry.ts'
import { signalView } from './signal.ts'

const endpointFields = {
  id: text,
  protocol: text,
  host: text,
  method: text,
  template: text,
  calls: count,
  statuses: z.record(z.string(), count),
  firstSeen: time,
  lastSeen: time,
  auth: texts,
  dataClasses: z.object({ request: texts, response: texts }),
  exposure: z.enum(['external', 'internal', 'unknown']),
  inventory: z.enum(['documented', 'shadow', 'zombie', 'orphan', 'candidate', 'unknown']),
  criticality: text,
  risk: z.object({
    score: count,
    factors: z.array(z.object({ factor: text, points: z.number(), why: text })),
  }),
  labels: labels.exactOptional(),
  workloads: texts.exactOptional().describe('Names of the workloads that answered, `namespace/name`.'),
}

export const endpointView: z.ZodType<EndpointView> = answer('Endpoint', z.object(endpointFields))

const dataField = {
  side: z.enum(['request', 'response']),
  field: text,
  dataClass: text,
  values: count,
  sample: text.exactOptional().describe('First two and last two characters of one value.'),
}

export const endpointDetailView: z.ZodType<EndpointDetailView> = answer(
  'EndpointDetail',
  z.object({
    ...endpointFields,
    fields: z.array(z.object(dataField)),
    dataMap: z
      .array(z.object({ ...dataField, group: z.enum(['pii', 'pci', 'phi', 'secret']) }))
      .describe('The fields again, by group of class.'),
    requestSchema: learnedSchema.exactOptional(),
    responseSchemas: z.record(z.string(), learnedSchema),
    messages: learnedMessages.exactOptional(),
    callers: z.array(z.object({ principal: text, calls: count, refused: count, lastSeen: time })).max(20),
    owners: z.array(
      z.object({ scope: text, field: text, claim: text, seen: count, agreement: z.number().min(0).max(1) }),
    ),
    signals: z.array(signalView),
    findings: z.array(findingView).max(100).describe('Open and dismissed ones.'),
  }),
)
