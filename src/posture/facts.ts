import type { Graph } from '../graph/graph.ts'
import { type NodeId, readNodeId } from '../graph/node.ts'

export type Labels = Readonly<Record<string, string>>

/** What an orchestrator says of a workload; only what it said. */
export interface WorkloadFacts {
  /** Labels of its pods. */
  readonly labels?: Labels
  readonly serviceAccount?: string
  /** Ports that its containers listen on. */
  readonly ports?: readonly number[]
}

/** A rule of a role, as in RBAC. */
export interface GrantedRule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
  /** All objects where it is empty. */
  readonly resourceNames: readonly string[]
}

/** A Role that a binding gives to an account. */
export interface GrantedRole {
  readonly name: string
  readonly binding: string
  readonly namespace: string
  readonly rules: readonly GrantedRule[]
}

/** Where facts about a cluster come from. */
export interface ClusterFacts {
  workload(node: NodeId): WorkloadFacts | undefined
  /**
   * The port that a workload listens on where a Service was asked at `port`; undefined where nothing says so, or it is the same.
   */
  targetPort?(node: NodeId, port: number): number | undefined
  /** The workload that answers under a name inside the cluster, as seen from a namespace; or at an address. */
  behind?(host: string, namespace: string | undefined): NodeId | undefined
  /** @param serviceAccount `shop/orders` */
  rolesOf?(serviceAccount: string): readonly GrantedRole[]
}

const selecting = [
  'app.kubernetes.io/name',
  'app.kubernetes.io/instance',
  'app.kubernetes.io/component',
  'app',
  'k8s-app',
  'component',
  'name',
] as const

/** Of labels that an event gave, those that pods are usually chosen by; they do not differ from pod to pod. */
export function selectingLabels(labels: Labels): Labels | undefined {
  const found = selecting.flatMap(name => (labels[name] === undefined ? [] : [[name, labels[name]] as const]))
  return found.length === 0 ? undefined : Object.fromEntries(found)
}

/** What the graph itself knows of workloads: labels that events gave, the account they were seen to run as. */
export function factsInGraph(graph: Graph): ClusterFacts {
  return {
    workload: node => {
      const said = graph.uses.labelsOf(node)
      const labels = said === undefined ? undefined : selectingLabels(said)
      const account = graph
        .outOf(node, { kinds: ['runs-as'] })
        .map(({ to, lastSeen }) => ({ name: serviceAccountIn(to), lastSeen }))
        .filter(({ name }) => name !== undefined)
        .sort((a, b) => b.lastSeen - a.lastSeen)[0]?.name
      return {
        ...(labels === undefined ? {} : { labels }),
        ...(account === undefined ? {} : { serviceAccount: account }),
      }
    },
  }
}

/** `orders` of `identity:service-account:shop/orders`. */
export function serviceAccountIn(id: NodeId): string | undefined {
  const name = readNodeId(id)?.name
  return name?.startsWith('service-account:')
    ? name.slice(name.lastIndexOf('/') + 1).replace('service-account:', '')
    : undefined
}
