import { z } from 'zod'
import type { CallBucketView } from '../api/call-bucket.ts'
import { count, time } from './fields.ts'
import { answer } from './registry.ts'

export const callBucketView: z.ZodType<CallBucketView> = answer(
  'CallBucket',
  z.object({ time, calls: count, refused: count, failed: count }),
)
