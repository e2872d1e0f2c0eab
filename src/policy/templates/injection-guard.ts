import { type PolicyTemplate, renderHead } from './template.ts'

export const injectionGuard: PolicyTemplate = {
  id: 'injection-guard',
  title: 'Injection guard',
  summary: 'Blocks a request that carries an injection payload.',
  defaults: {},
  render: options => `${renderHead('injection-guard', 'request', options ?? {})}  when: request.payload != ""
  action: { type: block, status: 403 }
  mode: ${options?.mode ?? 'shadow'}
  reason: This request is not permitted.
  tests:
    - name: an injection
      input: { request: { payload: sql-injection } }
      expect: block
    - name: an ordinary request
      input: { request: { payload: "" } }
      expect: pass
`,
}
