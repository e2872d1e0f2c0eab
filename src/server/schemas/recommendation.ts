import { z } from 'zod'
import type { Recommendation } from '../../posture/recommendation.ts'
import { count, text, texts } from './fields.ts'
import { answer } from './registry.ts'

const part = z.object({ allowed: count, seen: count })
const date = text.describe('`2026-03-14`')

const deniedUse = z.object({
  what: text,
  lastWeek: count.describe('Times in the last seven days.'),
  calls: count.describe('Times in the window.'),
  lastDay: date,
  why: z.enum(['kept', 'rare', 'old', 'refused', 'excluded', 'odd', 'unsaid']),
  sentence: text,
})

const manifest = z.object({
  document: z
    .looseObject({
      apiVersion: text,
      kind: text,
      metadata: z.looseObject({ name: text, namespace: text.exactOptional() }),
    })
    .describe('The object to be applied.'),
  lines: z
    .array(z.object({ path: z.array(z.union([text, z.number()])), why: text }))
    .describe('Why a part of the object is there; `path` leads to it.'),
  notes: texts.describe('What is to be known before it is applied.'),
})

export const recommendationView: z.ZodType<Recommendation> = answer(
  'Recommendation',
  z.object({
    kind: text,
    subject: text,
    from: date,
    to: date,
    manifests: z.array(manifest),
    yaml: text.describe('The manifests as one text, with the reasons as comments.'),
    coverage: z.object({
      uses: part.describe('Who at which port, who which endpoint.'),
      calls: part,
      share: z.number().min(0).max(1).describe('Allowed calls of those seen.'),
      seenDays: count,
      days: count,
      confidence: text,
    }),
    denied: z
      .array(deniedUse)
      .describe('What would have been denied in the last seven days; the most frequent first, at most 200.'),
    leftOut: z
      .array(deniedUse)
      .describe('What was left out and did not happen in the last seven days; at most 200.'),
    nothing: z
      .array(z.object({ workload: text, why: text }))
      .describe('Workloads about which nothing could be recommended.'),
  }),
)
