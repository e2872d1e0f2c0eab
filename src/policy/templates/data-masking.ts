import { type PolicyTemplate, renderHead, unlessRoles } from './template.ts'

export const dataMasking: PolicyTemplate<{
  readonly dataClasses: readonly string[]
  readonly fields: readonly string[]
  readonly exemptRoles: readonly string[]
}> = {
  id: 'data-masking',
  title: 'Data masking',
  summary:
    'Hides fields of answers that carry the named classes of data from everybody without one of the roles.',
  defaults: {
    dataClasses: ['payment-card', 'us-ssn', 'iban'],
    fields: [],
    exemptRoles: ['support', 'admin'],
  },
  render: options => {
    const { dataClasses, fields, exemptRoles } = { ...dataMasking.defaults, ...options }
    const [role] = exemptRoles
    const seen =
      role === undefined
        ? ''
        : `    - name: a role that may see it
      input: { identity: { name: sam, roles: [${JSON.stringify(role)}] } }
      expect: pass
`
    const pointers = fields.length === 0 ? '' : `, fields: ${JSON.stringify(fields)}`
    return `${renderHead('data-masking', 'response', options ?? {})}  when: ${JSON.stringify(`response.status < 300.0${unlessRoles(exemptRoles)}`)}
  action: { type: mask, dataClasses: ${JSON.stringify(dataClasses)}${pointers} }
  mode: ${options?.mode ?? 'shadow'}
  tests:
    - name: a customer
      input: { identity: { name: alice, roles: [customer] } }
      expect: mask
${seen}    - name: a failure
      input: { response: { status: 404 } }
      expect: pass
`
  },
}
