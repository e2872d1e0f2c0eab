import { type PolicyTemplate, renderHead } from './template.ts'

export const aiBudget: PolicyTemplate<{ readonly tokens: number; readonly windowSeconds: number }> = {
  id: 'ai-budget',
  title: 'Token budget',
  summary: 'Gives each caller so many tokens of language models per window, as their answers count them.',
  defaults: { tokens: 200_000, windowSeconds: 86_400 },
  render: options => {
    const { tokens, windowSeconds } = { ...aiBudget.defaults, ...options }
    return `${renderHead('ai-budget', 'request', options ?? {}, { methods: ['POST'] })}  when: ai.model != ""
  action: { type: throttle, budget: ${tokens}, windowSeconds: ${windowSeconds}, cost: ai.inputTokens + ai.outputTokens }
  mode: ${options?.mode ?? 'shadow'}
  reason: The token budget is used up. Try again later.
  tests:
    - name: a call of a model
      input: { ai: { model: gpt-4o, inputTokens: 100, outputTokens: 50 } }
      expect: throttle
    - name: another request
      input: {}
      expect: pass
`
  },
}
