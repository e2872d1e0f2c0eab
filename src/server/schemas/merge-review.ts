import { z } from 'zod'
import type { MergeReview } from '../../catalog/directions/merge-review.ts'
import { count, text, texts } from './fields.ts'
import { answer } from './registry.ts'

export const mergeReviewView: z.ZodType<MergeReview> = answer(
  'MergeReview',
  z.object({
    id: text,
    host: text,
    state: z.enum(['merged', 'apart', 'pinned']),
    template: text.describe('As it is, or as it would be when merged.'),
    words: texts.describe('Some of the words, as they were in paths.'),
    count,
    methods: texts,
    calls: count,
    evidence: z.array(z.object({ term: text, nats: z.number(), why: text })),
    nats: z.number().describe('What spoke for values (positive) or against.'),
    threshold: z.number().describe('Nats at which words become values.'),
    held: z
      .enum(['answers'])
      .exactOptional()
      .describe('The word had been a value, until its calls showed an operation of its own.'),
    pin: text.exactOptional(),
  }),
)
