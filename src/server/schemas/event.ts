import { z } from 'zod'
import type { EventView } from '../api/event.ts'
import { text, texts, time } from './fields.ts'
import { answer } from './registry.ts'

export const eventTypes = ['runtime', 'access', 'flow', 'identity'] as const

const eventView: z.ZodType<EventView> = answer(
  'Event',
  z.object({
    id: text,
    time,
    type: z.enum(eventTypes),
    workload: text.describe('Its id.'),
    what: text.describe('What happened, in words.'),
    outcome: text.exactOptional().describe('`allowed`, `blocked` …, as the sensor said.'),
    source: text.exactOptional().describe('Who told it.'),
    rule: text.exactOptional().describe("The sensor's rule that it met."),
    incidents: texts.describe('Incidents that rest on it, among the 200 latest.'),
  }),
)

export const eventsView = answer('EventList', z.object({ items: z.array(eventView) }))
