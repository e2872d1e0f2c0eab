import { z } from 'zod'
import type { PinView } from '../api/pin.ts'
import { text, time } from './fields.ts'
import { answer } from './registry.ts'

export const pinView: z.ZodType<PinView> = answer(
  'Pin',
  z.object({
    id: text,
    host: text,
    template: text,
    at: time,
    by: text.describe('Begins with `file:` where it stands in the catalog file.'),
  }),
)
