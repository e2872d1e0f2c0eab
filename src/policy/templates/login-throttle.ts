import { type PolicyTemplate, renderHead } from './template.ts'

export const loginThrottle: PolicyTemplate<{ readonly requests: number; readonly windowSeconds: number }> = {
  id: 'login-throttle',
  title: 'Login throttle',
  summary: 'Slows repeated attempts to log in.',
  defaults: { requests: 10, windowSeconds: 60 },
  render: options => {
    const { requests, windowSeconds } = { ...loginThrottle.defaults, ...options }
    const endpoints = options?.endpoints ?? [
      'POST /**/login',
      'POST /**/signin',
      'POST /**/token',
      'POST /**/sessions',
    ]
    return `${renderHead('login-throttle', 'request', { ...options, endpoints })}  action: { type: throttle, requests: ${requests}, windowSeconds: ${windowSeconds} }
  mode: ${options?.mode ?? 'shadow'}
  reason: Too many attempts. Try again later.
  tests:
    - name: a login
      input: {}
      expect: throttle
    - name: another request
      input: { request: { method: GET, path: /orders } }
      expect: pass
`
  },
}
