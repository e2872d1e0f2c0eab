import { z } from 'zod'
import type { FeedbackView } from '../api/feedback.ts'
import { text, texts, time } from './fields.ts'
import { answer } from './registry.ts'

export const feedbackView: z.ZodType<FeedbackView> = answer(
  'Feedback',
  z.object({
    incident: text,
    verdict: z.enum(['attack', 'benign']),
    note: text.exactOptional(),
    at: time,
    by: text,
    detectors: texts,
  }),
)
