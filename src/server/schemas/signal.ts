import { z } from 'zod'
import { severities } from '../../kit/severity.ts'
import type { SignalView } from '../api/signal.ts'
import { count, facts, text, texts, time } from './fields.ts'
import { answer } from './registry.ts'

export const signalView: z.ZodType<SignalView> = answer(
  'Signal',
  z.object({
    id: text,
    detector: text,
    detectorTitle: text,
    time,
    severity: z.enum(severities),
    confidence: z.number().min(0).max(1),
    principal: text,
    tenant: text.exactOptional(),
    endpoint: text.exactOptional(),
    message: text,
    observed: facts,
    expected: facts,
    attempt: z.boolean(),
    owasp: texts,
    attack: texts,
    evidence: texts,
    objects: texts,
    dataClasses: texts,
    actor: text.exactOptional().describe('Who is to blame where that is not the principal.'),
    calibrated: z
      .object({ raw: z.number(), n: count })
      .exactOptional()
      .describe('The confidence was corrected by what people said of `n` incidents.'),
    held: z
      .object({ score: z.number(), threshold: z.number() })
      .exactOptional()
      .describe('Held back for the noise budget: it opens no incident.'),
  }),
)
