import { exercises } from '../attempt.ts'
import type { Evidence, Exercised } from '../evidence.ts'
import type { GrantedRole, GrantedRule } from '../facts.ts'
import { kubernetesName } from '../kubernetes-name.ts'
import type { ExplainedLine, Manifest } from '../manifest.ts'
import { counted, howOften } from '../words.ts'
import { shortName } from './peer-sentence.ts'
import type { PolicyKind } from './policy-kind.ts'

/** Resources of whose use the audit log tells here; of others nothing can be said. */
const told: ReadonlySet<string> = new Set(['secrets', 'configmaps'])

/** A Role, rbac.authorization.k8s.io/v1, without the rights that were never used, and its binding to the workload's account alone. */
export const role: PolicyKind = {
  id: 'role',
  title: 'Role',
  kind: 'Role',
  concerns: exercises,
  generate: evidence =>
    evidence.audited ? evidence.granted.flatMap(granted => reduced(granted, evidence)) : [],
}

interface Rule {
  readonly rule: object
  readonly why: string
}

function reduced(granted: GrantedRole, evidence: Evidence): readonly Manifest[] {
  const { subject, options } = evidence
  const notes: string[] = []
  const rules = granted.rules.flatMap(rule => rulesOf(rule, granted, evidence, notes))
  if (notes.length === 0) return []
  const name = kubernetesName(subject.serviceAccount ?? shortName(subject), granted.name, 'observed')
  const { namespace } = granted
  const apiGroup = 'rbac.authorization.k8s.io'
  notes.push(
    `Takes the place of RoleBinding ${namespace}/${granted.binding} for this account: take the account out of it once this is applied. Other workloads that run as the account are counted too; ${counted(options.days, 'day')} may be too few for what happens once a quarter.`,
  )
  const lines: ExplainedLine[] = rules.map(({ why }, index) => ({ path: ['rules', index], why }))
  return [
    {
      document: {
        apiVersion: `${apiGroup}/v1`,
        kind: 'Role',
        metadata: { name, namespace },
        rules: rules.map(({ rule }) => rule),
      },
      lines,
      notes,
    },
    {
      document: {
        apiVersion: `${apiGroup}/v1`,
        kind: 'RoleBinding',
        metadata: { name, namespace },
        roleRef: { apiGroup, kind: 'Role', name },
        subjects: [{ kind: 'ServiceAccount', name: subject.serviceAccount, namespace: subject.namespace }],
      },
      lines: [],
      notes: [],
    },
  ]
}

/** What is left of a rule; what is left out is noted. */
function rulesOf(
  { apiGroups, resources, verbs, resourceNames }: GrantedRule,
  { namespace }: GrantedRole,
  { exercised, options, subject }: Evidence,
  notes: string[],
): readonly Rule[] {
  const watched = resources.filter(resource => told.has(resource) && apiGroups.includes(''))
  const others = resources.filter(resource => !watched.includes(resource))
  const rules: Rule[] = []
  if (others.length > 0 || apiGroups.some(group => group !== ''))
    rules.push({
      rule: {
        apiGroups,
        resources: apiGroups.some(group => group !== '') ? resources : others,
        verbs,
        ...(resourceNames.length === 0 ? {} : { resourceNames }),
      },
      why: others.includes('*')
        ? 'a star stands for everything: what of it is used cannot be told; kept as it is'
        : 'no log tells of its use: kept as it is',
    })
  if (apiGroups.some(group => group !== '')) return rules
  for (const resource of watched) {
    const used = exercised.filter(
      one =>
        one.resource === resource &&
        one.namespace === namespace &&
        one.seen.standing === 'kept' &&
        (verbs.includes('*') || verbs.includes(one.verb)) &&
        (resourceNames.length === 0 || resourceNames.includes(nameOf(one) ?? '')),
    )
    for (const [grant, group] of byVerbs(used))
      rules.push({
        rule: { apiGroups: [''], resources: [resource], ...grant },
        why: group
          .map(
            one =>
              `${shortName(subject)} may ${one.verb}${one.name === undefined ? '' : ` ${one.name}`}: ${howOften(one.seen, options)}`,
          )
          .join('; '),
      })
    const usedVerbs = new Set(used.map(({ verb }) => verb))
    const unused = verbs.filter(verb => verb !== '*' && !usedVerbs.has(verb))
    if (verbs.includes('*'))
      notes.push(
        `Left out: any other verb on ${resource} in ${namespace}, not used in ${counted(options.days, 'day')}.`,
      )
    else if (unused.length > 0)
      notes.push(
        `Left out: ${unused.join(', ')} ${resource} in ${namespace}, not used in ${counted(options.days, 'day')}.`,
      )
    const names = new Set(used.map(nameOf))
    if (used.length > 0 && !names.has(undefined) && resourceNames.length === 0)
      notes.push(`Left out: ${resource} in ${namespace} other than ${[...names].join(', ')}.`)
    const idle = resourceNames.filter(name => !names.has(name))
    if (used.length > 0 && idle.length > 0)
      notes.push(
        `Left out: ${resource} ${idle.join(', ')} in ${namespace}, not used in ${counted(options.days, 'day')}.`,
      )
  }
  return rules
}

type Grant = { readonly verbs: readonly string[]; readonly resourceNames?: readonly string[] }

/** Verbs that a rule about single names does not give: the name is not known yet, or there is none (Kubernetes, RBAC). */
const nameless: ReadonlySet<string> = new Set(['create', 'deletecollection'])

const nameOf = ({ name, verb }: Exercised): string | undefined => (nameless.has(verb) ? undefined : name)

/** Objects by the verbs that were used on them, and what was asked of whole lists. */
function byVerbs(used: readonly Exercised[]): readonly (readonly [Grant, readonly Exercised[]])[] {
  const whole = used.filter(one => nameOf(one) === undefined)
  const byName = new Map<string, Exercised[]>()
  for (const one of used) {
    const name = nameOf(one)
    if (name !== undefined) byName.set(name, [...(byName.get(name) ?? []), one])
  }
  const groups = new Map<string, { names: string[]; verbs: readonly string[]; all: Exercised[] }>()
  for (const [name, all] of [...byName].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const verbs = [...new Set(all.map(({ verb }) => verb))].sort()
    const group = groups.get(verbs.join(' ')) ?? { names: [], verbs, all: [] }
    groups.set(verbs.join(' '), group)
    group.names.push(name)
    group.all.push(...all)
  }
  return [
    ...[...groups.values()].map(({ names, verbs, all }) => [{ resourceNames: names, verbs }, all] as const),
    ...(whole.length === 0
      ? []
      : [[{ verbs: [...new Set(whole.map(({ verb }) => verb))].sort() }, whole] as const]),
  ]
}
