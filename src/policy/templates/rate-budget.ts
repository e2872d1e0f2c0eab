import { type PolicyTemplate, renderHead } from './template.ts'

export const rateBudget: PolicyTemplate<{ readonly requests: number; readonly windowSeconds: number }> = {
  id: 'rate-budget',
  title: 'Rate budget',
  summary: 'Gives each caller so many requests per window.',
  defaults: { requests: 600, windowSeconds: 60 },
  render: options => {
    const { requests, windowSeconds } = { ...rateBudget.defaults, ...options }
    const endpoints = options?.endpoints ?? ['* /**']
    return `${renderHead('rate-budget', 'request', { ...options, endpoints })}  when: identity.kind != "service"
  action: { type: throttle, requests: ${requests}, windowSeconds: ${windowSeconds} }
  mode: ${options?.mode ?? 'shadow'}
  tests:
    - name: a user
      input: { identity: { name: alice } }
      expect: throttle
    - name: a service
      input: { identity: { kind: service, name: billing } }
      expect: pass
`
  },
}
