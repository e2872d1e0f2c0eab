import { z } from 'zod'
import { type Labels, labelSources } from '../../catalog/ownership/labels.ts'
import { text } from './fields.ts'
import { answer } from './registry.ts'

const label = z.object({
  value: text,
  from: z.enum(labelSources).describe('Who says so, the strongest first.'),
  why: text,
})

export const labels: z.ZodType<Labels> = answer(
  'Labels',
  z.object({
    owner: label.exactOptional(),
    environment: label.exactOptional(),
    group: label.exactOptional(),
    tags: z.array(label),
    criticality: label,
    flows: z.array(
      z.object({
        flow: text,
        step: text,
        value: z
          .object({
            currency: text,
            amount: z.number().exactOptional(),
            field: text.exactOptional().describe('Of the call that says it: `request:total`.'),
          })
          .exactOptional(),
      }),
    ),
  }),
)
