import { z } from 'zod'
import type { DecisionDetailView, DecisionSummaryView, DecisionView } from '../api/decision.ts'
import { callView } from './call.ts'
import { count, text, time } from './fields.ts'
import { policyVersionView } from './policy-version.ts'
import { quarantineView } from './quarantine.ts'
import { answer } from './registry.ts'

const decision = {
  id: text,
  time,
  action: text,
  phase: text,
  policy: text,
  mode: text,
  principal: text,
  endpoint: text,
  call: text,
  reason: text,
  acted: z.boolean().describe('False where it was only written down.'),
}

export const decisionView: z.ZodType<DecisionView> = answer('Decision', z.object(decision))

export const decisionSummaryView: z.ZodType<DecisionSummaryView> = answer(
  'DecisionSummary',
  z.object({ since: time, decisions: count, acted: count, principals: count, truncated: z.boolean() }),
)

export const decisionDetailView: z.ZodType<DecisionDetailView> = answer(
  'DecisionDetail',
  z.object({
    ...decision,
    policyVersion: policyVersionView.exactOptional().describe('As it stood then.'),
    decided: callView.exactOptional(),
    condition: text.exactOptional().describe('Of the policy as it stood then.'),
    facts: z
      .array(z.object({ name: text, value: text }))
      .exactOptional()
      .describe(
        'What the condition read of the call, as far as the recording and what is known now tell it.',
      ),
    quarantine: z.array(quarantineView).describe('Entries that hold for this caller now.'),
  }),
)
