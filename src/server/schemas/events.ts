import { z } from 'zod'
import type { EventView } from '../api.ts'
import { answer } from './registry.ts'

export const eventTypes = ['runtime', 'access', 'flow', 'identity'] as const

const text = z.string()

const eventView: z.ZodType<EventView> = answer(
  'Event',
  z.object({
    id: text,
    time: text.describe('RFC 3339'),
    type: z.enum(eventTypes),
    workload: text.describe('Its id.'),
    what: text.describe('What happened, in words.'),
    outcome: text.exactOptional().describe('`allowed`, `blocked` …, as the sensor said.'),
    source: text.exactOptional().describe('Who told it.'),
    rule: text.exactOptional().describe("The sensor's rule that it met."),
    incidents: z.array(text).describe('Incidents that rest on it, among the 200 latest.'),
  }),
)

export const eventsView = answer('EventList', z.object({ items: z.array(eventView) }))
