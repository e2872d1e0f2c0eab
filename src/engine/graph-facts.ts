import type { Workload } from '../call/workload.ts'
import type { EdgeKind } from '../graph/edge.ts'
import type { Graph } from '../graph/graph.ts'
import type { NodeId } from '../graph/node.ts'
import { readNodeId } from '../graph/node.ts'

/** Times in ms since the epoch. */
interface Times {
  readonly firstSeen: number
  readonly lastSeen: number
}

export interface WorkloadFacts extends Times {
  /** `cluster/namespace/name`, or as much of it as is known. */
  readonly id: string
  readonly workload: Workload
  /** Events that named it. */
  readonly calls: number
}

export interface DataStoreFacts extends Times {
  /** `system://host/namespace/collection`. */
  readonly id: string
  readonly accesses: number
  readonly rows: number
}

/** An end that is a workload or a store goes by its name, any other by its node's id. */
export interface EdgeFacts extends Times {
  readonly from: string
  readonly to: string
  readonly kind: EdgeKind
  readonly count: number
  /** Only where something grants it and it was never seen. */
  readonly declared?: true
}

export function workloadsOf(graph: Graph): readonly WorkloadFacts[] {
  const found: WorkloadFacts[] = []
  for (const node of graph.allNodes()) {
    if (node.kind !== 'workload') continue
    const { cluster, namespace, kind, version } = node.facts
    found.push({
      id: node.name,
      workload: {
        ...(cluster === undefined ? {} : { cluster }),
        ...(namespace === undefined ? {} : { namespace }),
        ...(kind === undefined ? {} : { kind }),
        name: node.name.slice(node.name.lastIndexOf('/') + 1),
        ...(version === undefined ? {} : { version }),
      },
      calls: node.events,
      firstSeen: node.firstSeen,
      lastSeen: node.lastSeen,
    })
  }
  return found.sort((a, b) => (a.id < b.id ? -1 : 1))
}

export function dataStoresOf(graph: Graph): readonly DataStoreFacts[] {
  const found: DataStoreFacts[] = []
  for (const { id, kind, name, firstSeen, lastSeen } of graph.allNodes()) {
    if (kind !== 'store') continue
    const all = graph.into(id, { kinds: ['reads', 'writes'] })
    const byWorkloads = all.filter(edge => isWorkload(edge.from))
    // Clouds often know only the identity that reached it; who is known by both must not count twice.
    const uses = byWorkloads.length > 0 ? byWorkloads : all.filter(edge => edge.from.startsWith('identity:'))
    found.push({
      id: name,
      accesses: uses.reduce((sum, edge) => sum + edge.count, 0),
      rows: uses.reduce((sum, edge) => sum + edge.rows, 0),
      firstSeen,
      lastSeen,
    })
  }
  return found.sort((a, b) => (a.id < b.id ? -1 : 1))
}

/**
 * What the analysis document tells of the edges: calls between workloads, their reads and writes of stores, and what serves, carries,
 * is run as, may and is exposed. Who calls an endpoint stands with the endpoint; every edge there is, `graph export` gives.
 */
export function edgesOf(graph: Graph): readonly EdgeFacts[] {
  const found: EdgeFacts[] = []
  for (const { from, to, kind, count, did, firstSeen, lastSeen } of graph.allEdges()) {
    if (kind === 'calls' && !isWorkload(to)) continue
    if (ofWorkloads.has(kind) && !isWorkload(from)) continue
    found.push({
      from: shortName(from),
      to: shortName(to),
      kind,
      count,
      firstSeen,
      lastSeen,
      ...(did ? {} : { declared: true }),
    })
  }
  const key = ({ kind, from, to }: EdgeFacts): string => `${kind}\0${from}\0${to}`
  return found.sort((a, b) => (key(a) < key(b) ? -1 : 1))
}

const ofWorkloads: ReadonlySet<EdgeKind> = new Set(['calls', 'reads', 'writes'])

const isWorkload = (id: NodeId): boolean => id.startsWith('workload:')

function shortName(id: NodeId): string {
  const read = readNodeId(id)
  return read !== undefined && (read.kind === 'workload' || read.kind === 'store') ? read.name : id
}
