import { z } from 'zod'
import type { SimulationSummaryView, SimulationView } from '../api/simulation.ts'
import { dateTime, text } from './fields.ts'
import { answer } from './registry.ts'

export const simulationSummary: z.ZodType<SimulationSummaryView> = answer(
  'SimulationSummary',
  z.object({
    at: dateTime,
    from: dateTime.exactOptional(),
    to: dateTime.exactOptional(),
    by: text,
    calls: z.number(),
    matched: z.number(),
    stopped: z.number(),
    attacks: z.number(),
    attacksStopped: z.number(),
    benign: z.number(),
    benignStopped: z.number(),
    benignAmended: z.number(),
  }),
)

const touch = answer(
  'SimulatedCall',
  z.object({
    call: text,
    time: dateTime,
    principal: text,
    endpoint: text,
    status: z.number().exactOptional(),
    policy: text.exactOptional(),
    action: text.exactOptional(),
  }),
)

const touched = {
  calls: z.number(),
  stopped: z.number(),
  amended: z.number(),
  principals: z.number(),
  examples: z.array(touch),
}

export const simulationView: z.ZodType<SimulationView> = answer(
  'Simulation',
  z.object({
    calls: z.number(),
    from: dateTime.exactOptional(),
    to: dateTime.exactOptional(),
    matched: z.number(),
    principals: z.array(z.object({ principal: text, calls: z.number(), inIncident: z.boolean() })),
    endpoints: z.array(z.object({ endpoint: text, calls: z.number() })),
    examples: z.array(text),
    hash: text.describe('Of the rules, whatever their stage.'),
    truncated: z.boolean().describe('The window held more calls than were read.'),
    stopped: z.number(),
    amended: z.number(),
    errors: z.number(),
    attacks: z
      .object({
        ...touched,
        missed: z.number(),
        missedExamples: z.array(touch),
        incidents: z.array(z.object({ incident: text, calls: z.number(), stopped: z.number() })),
      })
      .describe('Calls that are evidence of incidents.'),
    suspect: z
      .object(touched)
      .describe('By the actors of incidents, there and then, but no evidence themselves.'),
    benign: z.object(touched).describe('Of nobody suspect, and answered with 2xx.'),
    other: z.object(touched).describe('Of nobody suspect, and refused or failed.'),
    policies: z.array(
      z.object({
        policy: text,
        action: text,
        phase: text,
        matched: z.number(),
        stopped: z.number(),
        amended: z.number(),
        principals: z.number(),
        attacksStopped: z.number(),
        suspectStopped: z.number(),
        benignStopped: z.number(),
        benignAmended: z.number(),
      }),
    ),
  }),
)
