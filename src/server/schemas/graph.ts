import { z } from 'zod'
import { edgeKinds, edgeSources } from '../../graph/edge.ts'
import { type NodeFacts, nodeKinds } from '../../graph/node.ts'
import type {
  EntitlementView,
  GraphEdgeView,
  GraphNodeView,
  GraphPathView,
  GraphView,
  ReachView,
  WorkloadDetailView,
  WorkloadView,
} from '../api.ts'
import { answer } from './registry.ts'

const text = z.string()
const texts = z.array(text)
const count = z.number().min(0)
const time = z.string().describe('RFC 3339')
const kind = z.enum(nodeKinds)

const facts: z.ZodType<NodeFacts> = z.looseObject({
  kind: text.exactOptional(),
  environment: text.exactOptional(),
  cluster: text.exactOptional(),
  namespace: text.exactOptional(),
  version: text.exactOptional(),
  exposure: text.exactOptional(),
  dataClasses: texts.exactOptional(),
  criticality: text.exactOptional(),
  owner: text.exactOptional(),
  external: z.boolean().exactOptional(),
  rolledOutAt: z.number().exactOptional().describe('Milliseconds since the epoch.'),
})

export const graphNodeView: z.ZodType<GraphNodeView> = answer(
  'GraphNode',
  z.object({
    id: text.describe('Kind, colon, name: `workload:shop/orders`; `internet` for everybody outside.'),
    kind,
    name: text,
    firstSeen: time,
    lastSeen: time,
    events: count.describe('Of a workload: events that named it.'),
    facts,
  }),
)

export const graphEdgeView: z.ZodType<GraphEdgeView> = answer(
  'GraphEdge',
  z.object({
    from: text,
    to: text,
    kind: z.enum(edgeKinds),
    count: count.describe('How often it was seen; 0 of what is only granted.'),
    bytes: count,
    rows: count,
    firstSeen: time,
    lastSeen: time,
    did: z.boolean().describe('It was seen to happen.'),
    could: z.boolean().describe('Something grants it.'),
    protocol: text.exactOptional(),
    version: text.exactOptional(),
    sources: z.array(z.enum(edgeSources)).describe('Where it was learned from.'),
    refused: count.describe('Attempts that were refused or blocked.'),
  }),
)

const group = z.object({
  id: text,
  label: text,
  kind,
  count: count.describe('All members, also those that are not among the nodes.'),
  nodes: texts,
})

export const graphView: z.ZodType<GraphView> = answer(
  'Graph',
  z.object({
    nodes: z.array(graphNodeView),
    edges: z.array(graphEdgeView),
    groups: z.array(group),
    truncated: z.boolean(),
  }),
)

export const graphPathView: z.ZodType<GraphPathView> = answer(
  'GraphPath',
  z.object({
    nodes: z.array(graphNodeView),
    edges: z.array(graphEdgeView),
    did: z.boolean().describe('Every step happened; otherwise some are only granted.'),
    sentence: text,
  }),
)

export const graphPathsView = answer('GraphPaths', z.object({ paths: z.array(graphPathView) }))

const reachedList = z.array(z.object({ node: graphNodeView, steps: count, did: z.boolean() }))
const byKind = z.record(kind, count)

export const reachView: z.ZodType<ReachView> = answer(
  'Reach',
  z.object({
    of: graphNodeView,
    reached: byKind.describe('Nodes that were reached, by kind.'),
    reachable: byKind.describe('With grants that were never used.'),
    data: z
      .array(z.object({ dataClass: text, did: z.boolean(), path: graphPathView }))
      .describe('Classes of data, the nearest first.'),
    stores: reachedList,
    endpoints: reachedList,
    identities: reachedList,
  }),
)

const entitlementView: z.ZodType<EntitlementView> = answer(
  'Entitlement',
  z.object({
    identity: text,
    workloads: texts.describe('Workloads that run as it.'),
    target: text,
    since: time.exactOptional(),
    used: z.boolean(),
    uses: count,
    lastUsed: time.exactOptional(),
  }),
)

export const entitlementsView = answer(
  'Entitlements',
  z.object({ items: z.array(entitlementView), truncated: z.boolean() }),
)

export const graphExportView = answer(
  'GraphExport',
  z.object({ nodes: z.array(graphNodeView), edges: z.array(graphEdgeView), truncated: z.boolean() }),
)

const workloadFields = {
  id: text.describe('`cluster/namespace/name`, or as much of it as is known.'),
  name: text,
  cluster: text.exactOptional(),
  namespace: text.exactOptional(),
  kind: text.exactOptional(),
  version: text.exactOptional(),
  environment: text.exactOptional(),
  exposure: text.exactOptional(),
  rolledOutAt: time.exactOptional(),
  events: count.describe('Events that named it.'),
  firstSeen: time,
  lastSeen: time,
}

export const workloadView: z.ZodType<WorkloadView> = answer('Workload', z.object(workloadFields))

const edges = z.array(graphEdgeView)

export const workloadDetailView: z.ZodType<WorkloadDetailView> = answer(
  'WorkloadDetail',
  z.object({
    ...workloadFields,
    callers: edges,
    serves: edges,
    calls: edges,
    stores: edges,
    identities: edges,
  }),
)
