import { z } from 'zod'
import type { PolicyLanguageView } from '../api/policy-language.ts'
import { text } from './fields.ts'
import { answer } from './registry.ts'

export const policyLanguageView: z.ZodType<PolicyLanguageView> = answer(
  'PolicyLanguage',
  z.object({
    schema: z.record(text, z.unknown()).describe('JSON Schema 2020-12 of a policy.'),
    facts: z.array(z.object({ name: text, type: text.describe('Of CEL.') })),
    functions: z.array(z.object({ name: text, about: text })),
    templates: z.array(z.object({ id: text, title: text, summary: text, source: text })),
  }),
)
