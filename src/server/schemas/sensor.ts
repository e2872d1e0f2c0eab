import { z } from 'zod'
import type { SensorView } from '../api/sensor.ts'
import { count, text, time } from './fields.ts'
import { answer } from './registry.ts'

export const sensorView: z.ZodType<SensorView> = answer(
  'Sensor',
  z.object({
    id: text,
    kind: text,
    state: text,
    events: count,
    dropped: count,
    rejected: count,
    lastEventAt: time.exactOptional(),
    detail: text.exactOptional(),
    address: text.exactOptional(),
    perSecond: z.number().exactOptional(),
    lagMs: z.number().exactOptional().describe('How far behind the newest event was when it came.'),
    sampledShare: z.number().exactOptional(),
    sees: text.exactOptional().describe('What it sees of a call: `none`, `head`, `request`, `full`.'),
    sources: z
      .array(z.object({ name: text, events: count, lastEventAt: time, silent: z.boolean() }))
      .exactOptional(),
  }),
)
