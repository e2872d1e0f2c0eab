import type { KubernetesObject } from '../../call/resource-event.ts'
import { isInsideBlock } from './address.ts'
import type { ClusterWorkload } from './cluster-workload.ts'
import { type Fields, fieldsOf, type Labels, listOf, maybeFields, textOf, textsOf } from './fields.ts'
import { selectorText, selects } from './selector.ts'

/** Who a rule lets in or out: everybody when it names nobody. */
interface Peer {
  readonly pods?: Fields
  readonly namespaces?: Fields
  readonly block?: { readonly cidr: string; readonly outside: boolean }
}

interface Policy {
  readonly name: string
  readonly namespace: string
  readonly pods: Fields
  /** Absent where it does not speak of the direction. `all`: everybody. */
  readonly ingress?: 'all' | readonly Peer[]
  readonly egress?: 'all' | readonly Peer[]
}

/** What policies say of one direction of a workload's traffic. */
export interface Isolation {
  /** Names of the policies that speak of it; with none everybody is let through. */
  readonly policies: readonly string[]
  /** Somebody beyond the cluster is let through. */
  readonly outside: boolean
  /** Everybody in the cluster is. */
  readonly anybody: boolean
  readonly peers: readonly Peer[]
}

/** What each name of a namespace is labelled with. */
export type NamespaceLabels = (namespace: string) => Labels

const read = new WeakMap<KubernetesObject, Policy>()

/** A NetworkPolicy, networking.k8s.io/v1. */
function policyOf(object: KubernetesObject, namespace: string): Policy {
  const known = read.get(object)
  if (known !== undefined) return known
  const spec = fieldsOf(object.spec)
  const types = textsOf(spec.policyTypes)
  const hasEgress = types.length === 0 ? Array.isArray(spec.egress) : types.includes('Egress')
  const policy: Policy = {
    name: object.metadata.name,
    namespace,
    pods: fieldsOf(spec.podSelector),
    ...(types.length === 0 || types.includes('Ingress') ? { ingress: peersOf(spec.ingress, 'from') } : {}),
    ...(hasEgress ? { egress: peersOf(spec.egress, 'to') } : {}),
  }
  read.set(object, policy)
  return policy
}

function peersOf(rules: unknown, field: 'from' | 'to'): 'all' | readonly Peer[] {
  const peers: Peer[] = []
  for (const rule of listOf(rules)) {
    const given = rule[field]
    if (!Array.isArray(given) || given.length === 0) return 'all'
    for (const one of listOf(given)) {
      const pods = maybeFields(one.podSelector)
      const namespaces = maybeFields(one.namespaceSelector)
      const cidr = textOf(fieldsOf(one.ipBlock).cidr)
      if (cidr !== undefined) peers.push({ block: { cidr, outside: !isInsideBlock(cidr) } })
      else if (pods !== undefined || namespaces !== undefined)
        peers.push({
          ...(pods === undefined ? {} : { pods }),
          ...(namespaces === undefined ? {} : { namespaces }),
        })
    }
  }
  return peers
}

const open: Isolation = { policies: [], outside: true, anybody: true, peers: [] }

/** What the policies of its namespace say of a workload's traffic in one direction. */
export function isolationOf(
  workload: ClusterWorkload,
  policies: readonly KubernetesObject[],
  direction: 'ingress' | 'egress',
): Isolation {
  // A pod with the node's address is not held by policies.
  if (policies.length === 0 || workload.shapes.every(shape => shape.hostNetwork)) return open
  const names: string[] = []
  const peers: Peer[] = []
  let anybody = false
  for (const object of policies) {
    const policy = policyOf(object, workload.namespace)
    const said = policy[direction]
    if (said === undefined || !workload.shapes.some(({ labels }) => selects(policy.pods, labels))) continue
    names.push(policy.name)
    if (said === 'all') anybody = true
    else peers.push(...said)
  }
  if (names.length === 0) return open
  return {
    policies: names,
    anybody,
    outside: anybody || peers.some(peer => peer.block?.outside === true),
    peers,
  }
}

/** Does one of the peers name the other workload? `home` is the namespace of the policy. */
export function lets(
  { anybody, peers }: Isolation,
  home: string,
  other: ClusterWorkload,
  labelsOf: NamespaceLabels,
): boolean {
  if (anybody) return true
  return peers.some(({ pods, namespaces, block }) => {
    if (block !== undefined) return false
    if (namespaces === undefined ? other.namespace !== home : !selects(namespaces, labelsOf(other.namespace)))
      return false
    return pods === undefined || other.shapes.some(({ labels }) => selects(pods, labels))
  })
}

/** Namespaces that peers may be in: only the policy's own, or all that are known. */
export const staysHome = ({ anybody, peers }: Isolation, home: string): boolean =>
  !anybody &&
  peers.every(
    ({ namespaces, block }) => block === undefined && (namespaces === undefined || isOnly(namespaces, home)),
  )

const isOnly = (selector: Fields, namespace: string): boolean =>
  fieldsOf(selector.matchLabels)['kubernetes.io/metadata.name'] === namespace

/** Does it look beyond its own namespace? */
export const looksAbroad = (object: KubernetesObject): boolean => {
  const policy = policyOf(object, object.metadata.namespace ?? 'default')
  return [policy.ingress, policy.egress].some(
    said => Array.isArray(said) && said.some(peer => peer.namespaces !== undefined),
  )
}

/** The peers in words: `pods app=web`, `namespaces team=a`, `10.0.0.0/8`. */
export function peersText({ peers }: Isolation): string {
  const told = peers.map(({ pods, namespaces, block }) =>
    block !== undefined
      ? block.cidr
      : [
          ...(namespaces === undefined ? [] : [`namespaces ${selectorText(namespaces)}`]),
          ...(pods === undefined ? [] : [`pods ${selectorText(pods)}`]),
        ].join(' with '),
  )
  const once = [...new Set(told)]
  return once.length === 0 ? 'nobody' : `${once.slice(0, 4).join('; ')}${once.length > 4 ? ' …' : ''}`
}
