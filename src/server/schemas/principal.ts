import { z } from 'zod'
import type { PrincipalView } from '../api/principal.ts'
import { count, text, texts, time } from './fields.ts'
import { quarantineView } from './quarantine.ts'
import { answer } from './registry.ts'

const link = { name: text, calls: count, firstSeen: time, lastSeen: time }

export const principalView: z.ZodType<PrincipalView> = answer(
  'Principal',
  z.object({
    id: text,
    kind: text,
    tenant: text.exactOptional(),
    roles: texts,
    calls: count,
    risk: count,
    firstSeen: time,
    lastSeen: time,
    addresses: texts,
    devices: count,
    endpoints: z.array(z.object({ endpoint: text, calls: count })),
    quarantine: quarantineView.exactOptional(),
    ties: z
      .object({
        tokens: z.array(z.object(link)),
        devices: z.array(z.object(link)),
        addresses: z.array(z.object({ ...link, shared: z.boolean() })),
        linked: z.array(z.object({ principal: text, by: text, name: text, strength: z.number() })),
      })
      .exactOptional(),
    habits: z
      .object({
        normal: z
          .object({ callsPerDay: count, endpoints: count, hours: z.array(count), bytes: count, days: count })
          .exactOptional()
          .describe('Medians of its earlier days with calls; absent before three of them.'),
        today: z.object({
          date: text,
          calls: count,
          endpoints: count,
          hours: z.array(count),
          bytes: count,
        }),
        deviations: z.array(
          z.object({
            what: z.enum(['calls', 'endpoints', 'bytes', 'hours']),
            text,
            value: count,
            usual: count,
          }),
        ),
        objects: z
          .array(z.object({ object: text, endpoint: text, time, refused: z.boolean() }))
          .max(20)
          .describe('Touched last, newest first.'),
      })
      .exactOptional(),
  }),
)
