import { z } from 'zod'
import type { QuarantinePreviewView, QuarantineView } from '../api/quarantine.ts'
import { count, text, time } from './fields.ts'
import { answer } from './registry.ts'

export const quarantineView: z.ZodType<QuarantineView> = answer(
  'Quarantine',
  z.object({
    id: text,
    kind: z.enum(['principal', 'token', 'device']),
    target: text,
    reason: text,
    incident: text.exactOptional(),
    createdAt: time,
    createdBy: text,
    expiresAt: time,
    releasedAt: time.exactOptional(),
    releasedBy: text.exactOptional(),
  }),
)

export const quarantinePreviewView: z.ZodType<QuarantinePreviewView> = answer(
  'QuarantinePreview',
  z.object({
    calls: count,
    principals: count,
    named: z.array(z.object({ principal: text, calls: count })),
    endpoints: z.array(z.object({ endpoint: text, calls: count })),
    truncated: z.boolean().describe('There were more calls than were read: the newest were.'),
    ttlSeconds: count.describe('How long it would last when no other time is given.'),
    shared: z.boolean().describe('More principals share it than may be shut out together: it is refused.'),
  }),
)
