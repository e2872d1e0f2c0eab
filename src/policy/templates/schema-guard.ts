import { type PolicyTemplate, renderHead } from './template.ts'

export const schemaGuard: PolicyTemplate<{ readonly strip: boolean }> = {
  id: 'schema-guard',
  title: 'Schema guard',
  summary:
    'Refuses request bodies that the specified or learned schema of the endpoint does not allow, or takes unknown fields out.',
  defaults: { strip: false },
  render: options => {
    const { strip } = { ...schemaGuard.defaults, ...options }
    const action = strip ? '{ type: strip, unknown: true, readOnly: true }' : '{ type: block, status: 400 }'
    const expect = strip ? 'strip' : 'block'
    return `${renderHead('schema-guard', 'request', options ?? {}, { methods: ['POST', 'PUT', 'PATCH'] })}  when: size(request.violations) > 0
  action: ${action}
  mode: ${options?.mode ?? 'shadow'}
  reason: This request does not fit its schema.
  tests:
    - name: a field that nobody knows
      input: { request: { violations: ["role: is not known"] } }
      expect: ${expect}
    - name: a body that fits
      input: { request: { violations: [] } }
      expect: pass
`
  },
}
