import type { Observation } from '../../baseline/observation.ts'
import { standardClasses } from '../../catalog/data-classes/registry/standard.ts'
import type { EdgeKind } from '../../graph/edge.ts'
import type { Graph } from '../../graph/graph.ts'
import { type NodeId, nodeId, readNodeId } from '../../graph/node.ts'
import { memo } from '../../kit/memo.ts'

/** Points of a class of data from which its loss is grave: cards, secrets, numbers of people, health. */
const grave = 20
const edgesLooked = 200

/** Classes of data that a store or an endpoint is known to carry, or that a workload answers with; sorted. */
export function dataBehind(graph: Graph, id: NodeId): readonly string[] {
  const classes = new Set<string>(graph.factsOf(id)?.dataClasses ?? [])
  const kind = readNodeId(id)?.kind
  if (kind === 'store' || kind === 'endpoint')
    for (const data of neighbours(graph, id, 'out', 'carries')) classes.add(readNodeId(data)?.name ?? data)
  if (kind === 'workload')
    for (const endpoint of neighbours(graph, id, 'in', 'serves'))
      for (const one of graph.factsOf(endpoint)?.dataClasses ?? []) classes.add(one)
  return [...classes].sort()
}

/** Those of them whose loss is grave. Classes of one's own count: somebody cared to declare them. */
export const graveBehind = (graph: Graph, id: NodeId): readonly string[] =>
  dataBehind(graph, id).filter(isGrave)

export const isGrave = (dataClass: string): boolean =>
  (standardClasses.get(dataClass)?.sensitivity ?? grave) >= grave

/** At most 200 edges are looked at. */
export function neighbours(graph: Graph, id: NodeId, way: 'in' | 'out', kind?: EdgeKind): readonly NodeId[] {
  const number = graph.nodes.numberOf(id)
  if (number === undefined) return []
  const { edges, nodes } = graph
  const found: NodeId[] = []
  let edge = way === 'out' ? edges.firstOut(number) : edges.firstIn(number)
  for (let looked = 0; edge >= 0 && looked < edgesLooked; looked += 1) {
    const other = nodes.ids[way === 'out' ? edges.to[edge]! : edges.from[edge]!]
    if (other !== undefined && (kind === undefined || edges.kindOf(edge) === kind)) found.push(other)
    edge = way === 'out' ? edges.nextOut[edge]! : edges.nextIn[edge]!
  }
  return found
}

/** The node of an endpoint: the same text for the same one. */
export const endpointNode: (endpoint: string) => NodeId = memo(endpoint => nodeId('endpoint', endpoint))

/** The workload that answers a call: as the call says, else the one that the endpoint is served by where there is only one. */
export function servedBy(graph: Graph, o: Observation): NodeId | undefined {
  const said = graph.workloadId(o.call.destination.workload)
  if (said !== undefined) return said
  const [only, ...others] = neighbours(graph, endpointNode(o.match.endpoint), 'out', 'serves')
  return others.length === 0 ? only : undefined
}
