import { z } from 'zod'
import type {
  PolicyLanguageView,
  PolicyRecommendationsView,
  PolicyVersionView,
  PolicyView,
  RolloutView,
  SimulationSummaryView,
  SimulationView,
  StageView,
} from '../api.ts'
import { answer, pageOf } from './registry.ts'

const text = z.string()
const time = z.string().meta({ format: 'date-time' })
const count = z.number()

export const stageView: z.ZodType<StageView> = answer(
  'PolicyStage',
  z.object({
    mode: z.enum(['shadow', 'canary', 'enforce']),
    percent: z.number().exactOptional().describe('Of a canary: the share of principals it acts for.'),
  }),
)

const simulationSummary: z.ZodType<SimulationSummaryView> = answer(
  'SimulationSummary',
  z.object({
    at: time,
    from: time.exactOptional(),
    to: time.exactOptional(),
    by: text,
    calls: count,
    matched: count,
    stopped: count,
    attacks: count,
    attacksStopped: count,
    benign: count,
    benignStopped: count,
    benignAmended: count,
  }),
)

const groupReading = answer(
  'RolloutGroup',
  z.object({
    calls: count,
    stopped: count,
    answered: count.describe('By the service.'),
    failed: count.describe('Answered with 5xx.'),
    p99: z.number().exactOptional().describe('Milliseconds.'),
  }),
)

const rolloutView: z.ZodType<RolloutView> = answer(
  'Rollout',
  z.object({
    stage: stageView,
    since: time,
    estimate: z
      .number()
      .exactOptional()
      .describe('Share of the calls of no attack that it was expected to stop.'),
    rolledBack: z
      .object({ at: time, why: text, from: text })
      .exactOptional()
      .describe('It was put back to shadow by itself.'),
    next: stageView.exactOptional(),
    waits: text.exactOptional().describe('Why it may not go on yet.'),
    simulation: simulationSummary.exactOptional().describe('Of these very rules.'),
    effect: z
      .object({
        from: time,
        acting: groupReading,
        control: groupReading,
        principals: count,
        stoppedPrincipals: count,
      })
      .exactOptional()
      .describe('Of the last ten minutes at most: of those it acts for, and of the others.'),
  }),
)

export const policyView: z.ZodType<PolicyView> = answer(
  'Policy',
  z.object({
    name: text,
    source: text,
    version: count,
    updatedAt: time,
    updatedBy: text,
    mode: text,
    phase: text,
    action: text,
    owner: text.exactOptional(),
    expiresAt: time.exactOptional(),
    effect: z.object({ decisions: count, principals: count, acted: count, actedPrincipals: count }),
    rollout: rolloutView,
  }),
)

export const policyLanguageView: z.ZodType<PolicyLanguageView> = answer(
  'PolicyLanguage',
  z.object({
    schema: z.record(text, z.unknown()).describe('JSON Schema 2020-12 of a policy.'),
    facts: z.array(z.object({ name: text, type: text.describe('Of CEL.') })),
    functions: z.array(z.object({ name: text, about: text })),
    templates: z.array(z.object({ id: text, title: text, summary: text, source: text })),
  }),
)

export const policyRecommendations: z.ZodType<PolicyRecommendationsView> = answer(
  'PolicyRecommendations',
  z.object({
    items: z.array(
      z.object({
        name: text,
        title: text,
        why: text,
        source: text,
        action: text,
        principals: count,
        simulation: simulationSummary,
      }),
    ),
    from: time.exactOptional(),
    to: time.exactOptional(),
  }),
)

export const policyVersionView: z.ZodType<PolicyVersionView> = answer(
  'PolicyVersion',
  z.object({
    version: count,
    source: text,
    at: time,
    by: text,
    change: text,
    stage: stageView,
  }),
)

export const policyVersions = pageOf('PolicyHistory', policyVersionView)

const touch = answer(
  'SimulatedCall',
  z.object({
    call: text,
    time,
    principal: text,
    endpoint: text,
    status: count.exactOptional(),
    policy: text.exactOptional(),
    action: text.exactOptional(),
  }),
)

const touched = {
  calls: count,
  stopped: count,
  amended: count,
  principals: count,
  examples: z.array(touch),
}

export const simulationView: z.ZodType<SimulationView> = answer(
  'Simulation',
  z.object({
    calls: count,
    from: time.exactOptional(),
    to: time.exactOptional(),
    matched: count,
    principals: z.array(z.object({ principal: text, calls: count, inIncident: z.boolean() })),
    endpoints: z.array(z.object({ endpoint: text, calls: count })),
    examples: z.array(text),
    hash: text.describe('Of the rules, whatever their stage.'),
    truncated: z.boolean().describe('The window held more calls than were read.'),
    stopped: count,
    amended: count,
    errors: count,
    attacks: z
      .object({
        ...touched,
        missed: count,
        missedExamples: z.array(touch),
        incidents: z.array(z.object({ incident: text, calls: count, stopped: count })),
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
        matched: count,
        stopped: count,
        amended: count,
        principals: count,
        attacksStopped: count,
        suspectStopped: count,
        benignStopped: count,
        benignAmended: count,
      }),
    ),
  }),
)
