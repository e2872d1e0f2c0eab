import { z } from 'zod'
import { edgeKinds, edgeSources } from '../../graph/edge.ts'
import { type NodeFacts, nodeKinds } from '../../graph/node.ts'
import type { GraphEdgeView, GraphNodeView, GraphPathView, GraphView } from '../api/graph.ts'
import { count, text, texts, time } from './fields.ts'
import { answer } from './registry.ts'

/** Of a node. */
export const nodeKind = z.enum(nodeKinds)

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
    kind: nodeKind,
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
  kind: nodeKind,
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

export const graphExportView = answer(
  'GraphExport',
  z.object({ nodes: z.array(graphNodeView), edges: z.array(graphEdgeView), truncated: z.boolean() }),
)
