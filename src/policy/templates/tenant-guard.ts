import { type PolicyTemplate, renderHead } from './template.ts'

export const tenantGuard: PolicyTemplate<{ readonly exemptRoles: readonly string[] }> = {
  id: 'tenant-guard',
  title: 'Tenant guard',
  summary: "Blocks an answer that carries another tenant's data.",
  defaults: { exemptRoles: [] },
  render: options => {
    const { exemptRoles } = { ...tenantGuard.defaults, ...options }
    const exempt = exemptRoles.map(role => ` && !(${JSON.stringify(role)} in identity.roles)`).join('')
    return `${renderHead('tenant-guard', 'response', options ?? {})}  when: ${JSON.stringify(`response.status < 300.0 && object.foreignTenant${exempt}`)}
  action: { type: block, status: 403 }
  mode: ${options?.mode ?? 'shadow'}
  reason: This data belongs to another organisation.
  tests:
    - name: another tenant's data
      input: { identity: { name: mallory, tenant: a }, object: { tenant: b, foreignTenant: true } }
      expect: block
    - name: the own tenant's data
      input: { identity: { name: alice, tenant: a }, object: { tenant: a } }
      expect: pass
`
  },
}
