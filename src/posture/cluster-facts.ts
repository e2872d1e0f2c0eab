import type { ClusterModel } from '../graph/cluster/cluster-model.ts'
import type { ClusterWorkload } from '../graph/cluster/cluster-workload.ts'
import { fieldsOf, labelsOf, listOf, textOf, textsOf } from '../graph/cluster/fields.ts'
import type { Graph } from '../graph/graph.ts'
import { type NodeId, nodeId } from '../graph/node.ts'
import { type ClusterFacts, factsInGraph, type GrantedRole, type Labels, selectingLabels } from './facts.ts'

/** What the objects of clusters say of workloads, and what the graph knows where they say nothing. */
export function clusterFacts(graph: Graph): ClusterFacts {
  const inGraph = factsInGraph(graph)
  const models = graph.clusters?.models() ?? []
  if (models.length === 0) return inGraph
  const known = new Map<NodeId, readonly [ClusterModel, ClusterWorkload]>()
  const idOf = (model: ClusterModel, workload: ClusterWorkload): NodeId =>
    nodeId('workload', graph.names.lookup(model.nameOf(workload)))
  for (const model of models)
    for (const workload of model.workloads()) known.set(idOf(model, workload), [model, workload])
  return {
    workload: node => {
      const found = known.get(node)
      if (found === undefined) return inGraph.workload(node)
      const [model, workload] = found
      const labels = podLabels(model, workload)
      const [account, ...others] = workload.serviceAccounts
      return {
        ...inGraph.workload(node),
        ...(labels === undefined ? {} : { labels }),
        ...(account === undefined || others.length > 0 ? {} : { serviceAccount: account }),
        ports: [...new Set(workload.shapes.flatMap(({ ports }) => ports))],
      }
    },
    targetPort: (node, port) => {
      const found = known.get(node)
      return found === undefined ? undefined : targetPort(...found, port)
    },
    rolesOf: account => models.flatMap(model => rolesOf(model, account)),
    behind: (host, namespace) => {
      for (const model of models) {
        const workloads = model.resolveHost(host, namespace)?.workloads ?? []
        if (workloads.length === 1) return idOf(model, workloads[0]!)
      }
      return undefined
    },
  }
}

/** The Roles that are bound to a service account, by the name of the binding. What a ClusterRole grants is not among them. */
function rolesOf(model: ClusterModel, account: string): readonly GrantedRole[] {
  const found: GrantedRole[] = []
  for (const space of model.namespaces())
    for (const binding of space.of('RoleBinding')) {
      const role = fieldsOf(binding.roleRef)
      const bound = listOf(binding.subjects).some(
        ({ kind, name, namespace }) =>
          kind === 'ServiceAccount' && `${textOf(namespace) ?? space.name}/${textOf(name)}` === account,
      )
      if (!bound || role.kind !== 'Role') continue
      const object = space.get('Role', textOf(role.name) ?? '')
      if (object === undefined) continue
      found.push({
        name: object.metadata.name,
        binding: binding.metadata.name,
        namespace: space.name,
        rules: listOf(object.rules).map(rule => ({
          apiGroups: textsOf(rule.apiGroups),
          resources: textsOf(rule.resources),
          verbs: textsOf(rule.verbs),
          resourceNames: textsOf(rule.resourceNames),
        })),
      })
    }
  return found
}

/** The labels by which the owner chooses its pods, else those that all its pods have. */
function podLabels(
  model: ClusterModel,
  { namespace, kind, name, shapes }: ClusterWorkload,
): Labels | undefined {
  const object = model
    .namespaces()
    .find(space => space.name === namespace)
    ?.get(kind, name)
  const { selector } = fieldsOf(object?.spec)
  // A ReplicationController names labels outright.
  const chosen = labelsOf(kind === 'ReplicationController' ? selector : fieldsOf(selector).matchLabels)
  if (Object.keys(chosen).length > 0) return chosen
  const [first, ...others] = shapes
  const common = Object.fromEntries(
    Object.entries(first?.labels ?? {}).filter(([label, value]) =>
      others.every(({ labels }) => labels[label] === value),
    ),
  )
  return selectingLabels(common) ?? (Object.keys(common).length === 0 ? undefined : common)
}

/** Where a Service leads that is asked at `port`; undefined where none says so. A port by its name is clear where the pods have one only. */
function targetPort(model: ClusterModel, workload: ClusterWorkload, port: number): number | undefined {
  const listens = [...new Set(workload.shapes.flatMap(({ ports }) => ports))]
  for (const { workloads, object } of model.services()) {
    if (!workloads.includes(workload)) continue
    for (const entry of listOf(fieldsOf(object.spec).ports)) {
      if (entry.port !== port) continue
      if (typeof entry.targetPort === 'number') return entry.targetPort
      if (entry.targetPort === undefined) return port
      return listens.length === 1 ? listens[0] : undefined
    }
  }
  return undefined
}
