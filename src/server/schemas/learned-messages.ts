import { z } from 'zod'
import type { LearnedMessages } from '../../catalog/messages.ts'
import { count, text } from './fields.ts'
import { learnedSchema } from './learned-schema.ts'
import { answer } from './registry.ts'

const bodyFields = {
  mediaType: text,
  seen: count,
  schema: learnedSchema.exactOptional(),
  binary: z.boolean().exactOptional(),
}

export const learnedMessages: z.ZodType<LearnedMessages> = answer(
  'LearnedMessages',
  z.object({
    parameters: z.array(
      z.object({
        in: z.enum(['path', 'query', 'header']),
        name: text,
        required: z.boolean(),
        schema: learnedSchema,
      }),
    ),
    requests: z.array(z.object(bodyFields)),
    requestRequired: z.boolean(),
    responses: z.array(z.object({ ...bodyFields, group: text, statuses: z.array(z.number()) })),
    credentials: z.array(z.object({ scheme: text, at: text })),
  }),
)
