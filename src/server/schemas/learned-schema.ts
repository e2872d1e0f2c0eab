import { z } from 'zod'
import type { SchemaNode } from '../../catalog/schema-node.ts'
import { count, text, texts } from './fields.ts'
import { answer } from './registry.ts'

export const learnedSchema: z.ZodType<SchemaNode> = answer(
  'LearnedSchema',
  z.object({
    type: z.union([text, texts]),
    format: text.exactOptional(),
    dataClass: text.exactOptional(),
    formerDataClass: text.exactOptional().describe('The class it had until its values spoke against it.'),
    testData: text.exactOptional().describe('The class of which it holds nothing but published examples.'),
    get properties() {
      return z.record(z.string(), learnedSchema).exactOptional()
    },
    required: texts.exactOptional(),
    get items() {
      return learnedSchema.exactOptional()
    },
    get additionalProperties() {
      return z.union([z.literal(false), learnedSchema]).exactOptional()
    },
    enum: z.array(z.union([text, z.number(), z.boolean(), z.null()])).exactOptional(),
    minimum: z.number().exactOptional(),
    maximum: z.number().exactOptional(),
    minLength: count.exactOptional(),
    maxLength: count.exactOptional(),
    variants: z
      .object({
        property: text,
        of: z.array(z.object({ value: text, seen: count, properties: texts, required: texts })),
      })
      .exactOptional(),
    recursesTo: count
      .exactOptional()
      .describe('The objects here are of the kind that stands so many schemas above.'),
    seen: count,
    confidence: z.number().min(0).max(1).exactOptional(),
    skipped: count.exactOptional(),
  }),
)
