import { type PolicyTemplate, renderHead } from './template.ts'

export const costBudget: PolicyTemplate<{
  readonly budget: number
  readonly windowSeconds: number
  /** CEL, a number. */
  readonly cost: string
}> = {
  id: 'cost-budget',
  title: 'Cost budget',
  summary:
    'Gives each caller so many records per window; what answers carried counts, and refuses the next request.',
  defaults: { budget: 5000, windowSeconds: 3600, cost: 'response.records' },
  render: options => {
    const { budget, windowSeconds, cost } = { ...costBudget.defaults, ...options }
    const endpoints = options?.endpoints ?? ['GET /**']
    return `${renderHead('cost-budget', 'request', { ...options, endpoints })}  when: identity.kind != "service"
  action: { type: throttle, budget: ${budget}, windowSeconds: ${windowSeconds}, cost: ${JSON.stringify(cost)} }
  mode: ${options?.mode ?? 'shadow'}
  reason: Too much data. Try again later.
  tests:
    - name: a user
      input: { identity: { name: alice }, response: { records: 100 } }
      expect: throttle
    - name: a service
      input: { identity: { kind: service, name: export } }
      expect: pass
`
  },
}
