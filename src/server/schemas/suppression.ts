import { z } from 'zod'
import { dismissalReasons, dismissalScopes } from '../../detect/tuning/suppression.ts'
import type { SuppressionView } from '../api/suppression.ts'
import { count, text, time } from './fields.ts'
import { answer } from './registry.ts'

export const suppressionView: z.ZodType<SuppressionView> = answer(
  'Suppression',
  z.object({
    id: text,
    detector: text,
    detectorTitle: text,
    actor: text.exactOptional().describe('Any where absent.'),
    endpoint: text.exactOptional().describe('Any where absent.'),
    scope: z.enum(dismissalScopes),
    reason: z.enum(dismissalReasons),
    note: text.exactOptional(),
    incident: text,
    attemptsOnly: z.boolean().describe('Only refused attempts were dismissed: a success is raised.'),
    at: time,
    by: text,
    expiresAt: time,
    removedAt: time.exactOptional(),
    removedBy: text.exactOptional(),
    hits: count.describe('Findings it kept from being raised.'),
    lastHit: time.exactOptional(),
  }),
)

export const suppressionList = answer('SuppressionList', z.object({ items: z.array(suppressionView) }))
