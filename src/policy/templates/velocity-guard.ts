import { type PolicyTemplate, renderHead } from './template.ts'

export const velocityGuard: PolicyTemplate<{
  readonly requests: number
  readonly windowSeconds: number
  /** Member of the request's body that is counted by. */
  readonly field: string
}> = {
  id: 'velocity-guard',
  title: 'Velocity guard',
  summary: 'Limits how often one card, coupon or account is used, whoever uses it.',
  defaults: { requests: 5, windowSeconds: 3600, field: 'cardNumber' },
  render: options => {
    const { requests, windowSeconds, field } = { ...velocityGuard.defaults, ...options }
    const endpoints = options?.endpoints ?? ['POST /**/payments', 'POST /**/checkout', 'POST /**/coupons']
    const name = JSON.stringify(field)
    return `${renderHead('velocity-guard', 'request', { ...options, endpoints })}  when: ${JSON.stringify(`request.bodyKind in ["json", "form"] && ${name} in request.body`)}
  action: { type: throttle, requests: ${requests}, windowSeconds: ${windowSeconds}, key: ${JSON.stringify(`request.body[${name}]`)} }
  mode: ${options?.mode ?? 'shadow'}
  reason: Too many attempts. Try again later.
  tests:
    - name: a request that names one
      input: { request: { body: { ${name}: "4111" } } }
      expect: throttle
    - name: a request that names none
      input: { request: { body: { amount: 5 } } }
      expect: pass
    - name: a request without a body
      input: {}
      expect: pass
`
  },
}
