import { type PolicyTemplate, renderHead } from './template.ts'

export const ownerGuard: PolicyTemplate<{ readonly exemptRoles: readonly string[] }> = {
  id: 'owner-guard',
  title: 'Owner guard',
  summary: "Blocks an answer that carries another user's object.",
  defaults: { exemptRoles: ['admin', 'support'] },
  render: options => {
    const { exemptRoles } = { ...ownerGuard.defaults, ...options }
    const exempt = exemptRoles.map(role => ` && !(${JSON.stringify(role)} in identity.roles)`).join('')
    return `${renderHead('owner-guard', 'response', options ?? {})}  when: ${JSON.stringify(`response.status < 300.0 && object.foreign${exempt}`)}
  action: { type: block, status: 403 }
  mode: ${options?.mode ?? 'shadow'}
  reason: This object belongs to another account.
  tests:
    - name: another user's object
      input: { identity: { name: mallory }, response: { status: 200 }, object: { owner: alice, foreign: true } }
      expect: block
    - name: an own object
      input: { identity: { name: alice }, response: { status: 200 }, object: { owner: alice, foreign: false } }
      expect: pass
    - name: a refusal by the application
      input: { identity: { name: mallory }, response: { status: 404 }, object: { owner: alice, foreign: true } }
      expect: pass
`
  },
}
