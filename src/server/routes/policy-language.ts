import { factFields, factFunctions } from '../../policy/fact-fields.ts'
import { policyJsonSchema } from '../../policy/policy-schema.ts'
import { policyTemplates } from '../../policy/templates/index.ts'
import type { PolicyLanguageView } from '../api/policy-language.ts'
import { defineRoute } from '../route.ts'
import { policyLanguageView } from '../schemas/policy-language.ts'

const language: PolicyLanguageView = {
  schema: policyJsonSchema,
  facts: Object.entries(factFields).flatMap(([root, fields]) =>
    Object.entries(fields).map(([field, type]) => ({ name: `${root}.${field}`, type })),
  ),
  functions: Object.entries(factFunctions).map(([name, about]) => ({ name, about })),
  templates: policyTemplates.map(({ id, title, summary, render }) => ({
    id,
    title,
    summary,
    source: render(),
  })),
}

export const showPolicyLanguage = defineRoute({
  method: 'GET',
  path: '/language/policy',
  summary: 'What can be written in a policy: facts, functions, ready-made policies and the JSON Schema',
  role: 'viewer',
  response: policyLanguageView,
  async handler() {
    return language
  },
})
