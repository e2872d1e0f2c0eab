import { z } from 'zod'
import { whyStates } from '../../detect/tuning/why.ts'
import type { WhyView } from '../api/why.ts'
import { text } from './fields.ts'
import { answer } from './registry.ts'

const whyView: z.ZodType<WhyView> = answer(
  'Why',
  z.object({
    detector: text,
    title: text,
    state: z.enum(whyStates),
    text,
    value: z.number().exactOptional(),
    threshold: z.number().exactOptional(),
    unit: text.exactOptional(),
  }),
)

export const whyList = answer('WhyList', z.object({ items: z.array(whyView) }))
