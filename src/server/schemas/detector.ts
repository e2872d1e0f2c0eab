import { z } from 'zod'
import { severities } from '../../kit/severity.ts'
import type { DetectorView } from '../api/detector.ts'
import { count, text, texts } from './fields.ts'
import { answer } from './registry.ts'

export const detectorView: z.ZodType<DetectorView> = answer(
  'Detector',
  z.object({
    id: text,
    title: text,
    summary: text,
    kind: z.enum(['deterministic', 'statistical']),
    family: text as unknown as z.ZodType<DetectorView['family']>,
    severity: z.enum(severities),
    owasp: texts,
    attack: texts,
    whenNotAnAttack: text,
    enabled: z.boolean(),
    options: z.array(z.object({ name: text, value: z.number(), default: z.number(), reason: text })),
    signals7d: count,
    signals30d: count,
    incidents30d: count,
    confirmed: count.describe('Incidents that people said were attacks.'),
    dismissed: count.describe('Incidents that people said were none.'),
    precision: z
      .object({ value: z.number().nullable(), low: z.number(), high: z.number(), n: count })
      .describe('Confirmed among those that somebody spoke of, with the 95 % interval of Wilson.'),
    suppressions: count,
    suppressed: count,
    held: count.describe('Signals of the last seven days that were held back for the noise budget.'),
    threshold: z.object({ value: z.number(), base: z.number(), why: text }),
    calibration: z.object({ method: z.enum(['none', 'platt', 'isotonic']), n: count }),
  }),
)

export const detectorList = answer('DetectorList', z.object({ items: z.array(detectorView) }))
