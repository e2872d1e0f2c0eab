import { z } from 'zod'
import { severities } from '../../kit/severity.ts'
import { findingStatuses } from '../../store/ports/catalog-state.ts'
import type { FindingView } from '../api/finding.ts'
import { text, texts, time } from './fields.ts'
import { answer } from './registry.ts'

export const findingView: z.ZodType<FindingView> = answer(
  'Finding',
  z.object({
    id: text,
    rule: text,
    severity: z.enum(severities),
    endpoint: text,
    title: text,
    why: text,
    fix: text,
    owasp: texts,
    evidence: texts.describe('Ids of calls that show it.'),
    status: z.enum(findingStatuses).describe('`gone`: no longer so; kept for 90 days.'),
    firstSeen: time,
    lastSeen: time,
    dismissed: z
      .object({
        by: text,
        at: time,
        reason: text,
        until: time.exactOptional().describe('Open again from then on.'),
      })
      .exactOptional(),
  }),
)
