import type { KubernetesObject } from '../../call/resource-event.ts'
import { serviceAccountName } from '../service-account-name.ts'
import { builtInRoles } from './built-in-roles.ts'
import { fieldsOf, labelsOf, listOf, textOf, textsOf } from './fields.ts'
import { type GrantRisk, riskOf } from './risky-grant.ts'
import { selects } from './selector.ts'

/** What an identity may do, by a binding. */
export interface Entitlement {
  /** `service-account:shop/orders`, `user:alice@shop.example`, `group:operators`. */
  readonly identity: string
  readonly verbs: readonly string[]
  /** `secrets`, `pods/exec`, `*`. */
  readonly resource: string
  /** Only these objects. */
  readonly names: readonly string[]
  /** Absent: in every namespace, and on what belongs to none. */
  readonly namespace?: string
  readonly risk?: GrantRisk
  /** It can act as service accounts in reach of the grant. */
  readonly becomes: boolean
  /** A sentence: "may get, list secrets in namespace shop: reads what … (RoleBinding shop/readers, Role reader)". */
  readonly text: string
}

export interface Rule {
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
  readonly names: readonly string[]
}

/** Where roles are found. */
export interface Roles {
  role(namespace: string, name: string): KubernetesObject | undefined
  clusterRole(name: string): KubernetesObject | undefined
  clusterRoles(): Iterable<KubernetesObject>
  /** Service accounts by namespace, all namespaces' without one: `namespace/name`. */
  accounts(namespace: string | undefined): Iterable<string>
}

/** Entitlements that one binding may make. */
const maxOfBinding = 2_000

/** What a RoleBinding (with its namespace) or a ClusterRoleBinding grants, rbac.authorization.k8s.io/v1. */
export function entitlementsOf(
  binding: KubernetesObject,
  namespace: string | undefined,
  roles: Roles,
): readonly Entitlement[] {
  const { kind, name } = fieldsOf(binding.roleRef)
  const roleName = textOf(name)
  if (roleName === undefined) return []
  const rules =
    kind === 'ClusterRole'
      ? clusterRules(roleName, roles)
      : namespace === undefined
        ? []
        : rulesOf(roles.role(namespace, roleName))
  const via = `${namespace === undefined ? `ClusterRoleBinding ${binding.metadata.name}` : `RoleBinding ${namespace}/${binding.metadata.name}`}, ${kind === 'ClusterRole' ? 'ClusterRole' : 'Role'} ${roleName}`
  const where = namespace === undefined ? 'in every namespace' : `in namespace ${namespace}`
  const found: Entitlement[] = []
  for (const identity of subjectsOf(binding, namespace, roles))
    for (const { resources, verbs, names } of rules)
      for (const resource of resources) {
        if (found.length === maxOfBinding) return found
        // Of single named objects a grant to make new ones says nothing.
        const risk = riskOf(resource, verbs)
        const only =
          names.length === 0 ? '' : ` ${names.slice(0, 4).join(', ')}${names.length > 4 ? ' …' : ''}`
        const what = `may ${verbs.includes('*') ? 'do anything with' : verbs.join(', ')} ${resource === '*' ? 'everything' : resource}${only} ${where}`
        found.push({
          identity,
          verbs,
          resource,
          names,
          ...(namespace === undefined ? {} : { namespace }),
          ...(risk === undefined ? {} : { risk: risk.risk }),
          becomes: risk?.becomes === true && names.length === 0,
          text: `${what}${risk === undefined ? '' : `: ${risk.why}`} (${via})`,
        })
      }
  return found
}

const rulesOf = (role: KubernetesObject | undefined): readonly Rule[] =>
  listOf(role?.rules).map(rule => ({
    resources: textsOf(rule.resources),
    verbs: textsOf(rule.verbs),
    names: textsOf(rule.resourceNames),
  }))

/** The rules of a ClusterRole, of those it gathers by label too; of the roles that every cluster has where the object is not there. */
function clusterRules(name: string, roles: Roles): readonly Rule[] {
  const role = roles.clusterRole(name)
  if (role === undefined) return Object.hasOwn(builtInRoles, name) ? builtInRoles[name]! : []
  const selectors = listOf(fieldsOf(role.aggregationRule).clusterRoleSelectors)
  const own = rulesOf(role)
  if (selectors.length === 0) return own
  const gathered = [...own]
  for (const other of roles.clusterRoles())
    if (other !== role && selectors.some(selector => selects(selector, labelsOf(other.metadata.labels))))
      gathered.push(...rulesOf(other))
  return uniqueRules(gathered)
}

const uniqueRules = (rules: readonly Rule[]): readonly Rule[] => [
  ...new Map(rules.map(rule => [JSON.stringify(rule), rule])).values(),
]

/** Users and groups of the system itself, its controllers and nodes: what they may is not a deployment's choice. */
const ofSystem = (name: string): boolean => name.startsWith('system:')

/** Service accounts that a group of them stands for, at most. */
const maxMembers = 1_000

function subjectsOf(
  binding: KubernetesObject,
  namespace: string | undefined,
  roles: Roles,
): readonly string[] {
  const found = new Set<string>()
  for (const { kind, name: given, namespace: own } of listOf(binding.subjects)) {
    const name = textOf(given)
    if (name === undefined) continue
    if (kind === 'ServiceAccount') found.add(serviceAccountName(textOf(own) ?? namespace ?? 'default', name))
    else if (kind === 'User') {
      const account = /^system:serviceaccount:([^:]{1,63}):([^:]{1,253})$/.exec(name)
      if (account !== null) found.add(serviceAccountName(account[1], account[2]!))
      else if (name === 'system:anonymous' || !ofSystem(name)) found.add(`user:${name}`)
    } else if (kind === 'Group') {
      const accounts = /^system:serviceaccounts(?::([^:]{1,63}))?$/.exec(name)
      if (accounts !== null) {
        let left = maxMembers
        for (const account of roles.accounts(accounts[1])) {
          if (left === 0) break
          left -= 1
          found.add(`service-account:${account}`)
        }
      } else if (name === 'system:authenticated' || name === 'system:unauthenticated' || !ofSystem(name))
        found.add(`group:${name}`)
    }
  }
  return [...found].sort()
}
