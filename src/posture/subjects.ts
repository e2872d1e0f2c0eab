import type { Graph } from '../graph/graph.ts'
import { type NodeId, nodeId, readNodeId } from '../graph/node.ts'
import { SallyportError } from '../kit/error.ts'
import { nearest } from '../kit/nearest.ts'

/** Workloads asked about at once. */
const maxSubjects = 500

/**
 * The workloads that a request is for: `workload:shop/orders`, `shop/orders`, or all of `namespace:shop`. In the order of their names; at most
 * 500.
 * @throws SallyportError `resource/not-found` where there is none.
 */
export function subjectsOf(graph: Graph, asked: string): readonly NodeId[] {
  const text = asked.trim()
  const namespace = text.startsWith('namespace:') ? text.slice('namespace:'.length) : undefined
  if (namespace === undefined) {
    const name = text.startsWith('workload:') ? text.slice('workload:'.length) : text
    const node = nodeId('workload', graph.names.lookup(name))
    if (graph.get(node) !== undefined) return [node]
    throw notFound(`There is no workload "${name}".`, asked, nearest(name, workloads(graph)))
  }
  const found: NodeId[] = []
  const namespaces = new Set<string>()
  for (const { id, kind, name, facts } of graph.allNodes()) {
    if (kind !== 'workload') continue
    const own = facts.namespace ?? name.split('/').at(-2)
    if (own !== undefined) namespaces.add(own)
    if (own === namespace) found.push(id)
  }
  if (found.length > 0) return found.sort().slice(0, maxSubjects)
  throw notFound(
    `There is no workload in a namespace "${namespace}".`,
    asked,
    nearest(namespace, [...namespaces]),
  )
}

const workloads = (graph: Graph): readonly string[] =>
  [...graph.allNodes()].flatMap(({ id, kind }) => (kind === 'workload' ? (readNodeId(id)?.name ?? []) : []))

const notFound = (message: string, where: string, meant: string | undefined): SallyportError =>
  new SallyportError('resource/not-found', message, {
    where,
    mend:
      meant === undefined
        ? 'Give workload:namespace/name, or namespace:name for all of a namespace.'
        : `Did you mean "${meant}"?`,
  })
