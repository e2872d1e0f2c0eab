import { z } from 'zod'
import type { CallView } from '../api/call.ts'
import { count, facts, text, texts, time } from './fields.ts'
import { answer } from './registry.ts'

const message = z
  .object({
    headers: z.array(z.tuple([text, text])),
    body: text.exactOptional(),
    bodyTruncated: z.boolean(),
  })
  .exactOptional()

export const callView: z.ZodType<CallView> = answer(
  'Call',
  z.object({
    id: text,
    time,
    durationMs: z.number().exactOptional(),
    method: text,
    host: text,
    target: text,
    status: z.number().exactOptional(),
    endpoint: text,
    principal: text,
    tenant: text.exactOptional(),
    ip: text.exactOptional(),
    userAgent: text.exactOptional(),
    callerWorkload: text.exactOptional().describe('Who called, where a sensor told it.'),
    workload: text.exactOptional().describe('Who answered, where a sensor told it.'),
    requestBytes: count,
    responseBytes: count,
    detectors: texts,
    verdict: z.object({ decisionId: text, action: text, policy: text.exactOptional() }).exactOptional(),
    request: message,
    response: message,
    credentials: z
      .array(
        z.object({
          scheme: text,
          at: text,
          fingerprint: text,
          claims: facts.exactOptional(),
          verification: text,
        }),
      )
      .exactOptional(),
  }),
)
