import { describe, expect, it } from 'vitest'
import { built, objectsOf } from './fixture.ts'

const account = 'service-account:shop/bot'
const grant = (rules: string): string => `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: r, namespace: shop }
rules: [${rules}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: b, namespace: shop }
roleRef: { kind: Role, name: r }
subjects: [{ kind: ServiceAccount, name: bot }]
`
const bound = (role: string): string => `
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: b, namespace: shop }
roleRef: { kind: ClusterRole, name: ${role} }
subjects: [{ kind: ServiceAccount, name: bot, namespace: shop }]
`
const only = (objects: string) =>
  [...built(objectsOf(objects)).clusters.models()]
    .flatMap(model => model.entitlements('shop'))
    .filter(one => one.identity === account)

const rows: readonly (readonly [rules: string, risk: string | undefined, becomes: boolean])[] = [
  ['{ resources: [configmaps], verbs: [get] }', undefined, false],
  ['{ resources: [secrets], verbs: [get] }', 'secrets', false],
  ['{ resources: [secrets], verbs: [create] }', undefined, false],
  ['{ resources: [secrets], verbs: ["*"] }', 'secrets', false],
  ['{ resources: ["*"], verbs: ["*"] }', 'admin', true],
  ['{ resources: ["*"], verbs: [get, list] }', 'secrets', false],
  ['{ resources: [pods], verbs: [get, list] }', undefined, false],
  ['{ resources: [pods], verbs: [create] }', 'escalation', true],
  ['{ resources: [deployments], verbs: [patch] }', 'escalation', true],
  ['{ resources: [pods/exec], verbs: [create] }', 'escalation', true],
  ['{ resources: [serviceaccounts/token], verbs: [create] }', 'escalation', true],
  ['{ resources: [serviceaccounts], verbs: [impersonate] }', 'escalation', true],
  ['{ resources: [roles], verbs: [escalate] }', 'escalation', false],
  ['{ resources: [rolebindings], verbs: [create] }', 'escalation', false],
]

describe('grants', () => {
  it.each(rows)('%s', (rules, risk, becomes) => {
    expect(only(grant(rules)).map(one => [one.risk, one.becomes])).toEqual([[risk, becomes]])
  })
  it('runs them all', () => expect(rows).toHaveLength(14))

  it('name single objects', () => {
    const [one] = only(grant('{ resources: [secrets], verbs: [get], resourceNames: [db] }'))
    expect(one?.names).toEqual(['db'])
    const builder = built(objectsOf(grant('{ resources: [secrets], verbs: [get], resourceNames: [db] }')))
    expect(builder.graph.outOf(`identity:${account}`).map(edge => edge.to)).toEqual([
      'store:kubernetes://shop/secrets/db',
    ])
  })

  it('know the roles that every cluster has', () => {
    expect(only(bound('view')).some(one => one.resource === 'secrets')).toBe(false)
    expect(only(bound('edit')).find(one => one.resource === 'secrets')?.risk).toBe('secrets')
    expect(only(bound('cluster-admin')).map(one => one.risk)).toEqual(['admin'])
    expect(only(bound('constructor'))).toEqual([])
  })

  it('gather the roles that one is made of', () => {
    const gathered = `${bound('sum')}---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: sum }
aggregationRule: { clusterRoleSelectors: [{ matchLabels: { to: sum } }] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: part, labels: { to: sum } }
rules: [{ resources: [secrets], verbs: [list] }]
`
    expect(only(gathered).map(one => one.resource)).toEqual(['secrets'])
  })

  it('reach the groups that service accounts are in', () => {
    const group = (name: string): string => `
apiVersion: v1
kind: ServiceAccount
metadata: { name: bot, namespace: shop }
---
${grant('{ resources: [pods], verbs: [list] }').replace('kind: ServiceAccount, name: bot', `kind: Group, name: "${name}"`)}`
    expect(only(group('system:serviceaccounts'))).toHaveLength(1)
    expect(only(group('system:serviceaccounts:shop'))).toHaveLength(1)
    expect(only(group('system:serviceaccounts:bank'))).toHaveLength(0)
    expect(only(group('system:masters'))).toHaveLength(0)
  })
})
