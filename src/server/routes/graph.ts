import { z } from 'zod'
import { edgeKinds } from '../../graph/edge.ts'
import { nodeKinds } from '../../graph/node.ts'
import { defineRoute } from '../route.ts'
import { entitlementsView } from '../schemas/entitlement.ts'
import { graphExportView, graphNodeView, graphPathsView, graphView } from '../schemas/graph.ts'
import { flag, list, moment, name, paging } from '../schemas/params.ts'
import { reachView } from '../schemas/reach.ts'
import { pageOf } from '../schemas/registry.ts'
import { entitlementViewOf } from '../views/entitlement.ts'
import { edgeViewOf, graphViewOf, nodeViewOf, pathViewOf } from '../views/graph.ts'
import { idCursor, idPage } from '../views/id-page.ts'
import { present } from '../views/present.ts'
import { reachViewOf } from '../views/reach.ts'

const whole = (least: number, most: number) =>
  z.coerce
    .number({ error: `must be a whole number from ${least} to ${most}` })
    .int()
    .min(least)
    .max(most)

const node = name.describe(
  '`internet`, `kind:name`, `kind:*`, `kind:*text*`, or a bare name; `token:<fingerprint>` stands for whose it is.',
)

const when = {
  asOf: moment.optional().describe('As it was known then; now when absent.'),
  days: whole(1, 64).optional().describe('Only what was seen in the days before that moment.'),
}

const view = {
  ...when,
  declared: flag.optional().describe('Grants that were never used count too.'),
}

const kinds = list
  .pipe(z.array(z.enum(edgeKinds)))
  .optional()
  .describe('Only edges of these kinds.')

export const showGraph = defineRoute({
  method: 'GET',
  path: '/graph',
  summary: 'What lies around a node; without one around the outside and every workload',
  role: 'viewer',
  query: z.strictObject({
    ...view,
    focus: node.optional(),
    depth: whole(1, 6).optional().describe('Steps from the focus; 2 when absent.'),
    kinds,
    limit: whole(1, 150)
      .default(150)
      .describe('Nodes at most; of more, every group is there with its busiest.'),
  }),
  response: graphView,
  async handler({ backend, query }) {
    return graphViewOf(await backend.askGraph('around', present(query)))
  },
})

export const listPaths = defineRoute({
  method: 'GET',
  path: '/graph/paths',
  summary: 'Shortest ways from one to the other, each with a sentence',
  role: 'viewer',
  query: z.strictObject({
    ...view,
    from: node,
    to: node,
    kinds,
    by: z
      .enum(['endpoint'])
      .optional()
      .describe('One way by each endpoint that is called first, instead of the shortest of all.'),
    limit: whole(1, 100).default(10).describe('Ways at most.'),
  }),
  response: graphPathsView,
  async handler({ backend, query }) {
    const paths = await backend.askGraph('paths', present(query))
    return { paths: paths.map(pathViewOf) }
  },
})

export const showReach = defineRoute({
  method: 'GET',
  path: '/graph/reach',
  summary: 'What whoever holds a node did reach, and with its grants could',
  role: 'viewer',
  query: z.strictObject({ ...when, node }),
  response: reachView,
  async handler({ backend, query }) {
    return reachViewOf(await backend.askGraph('reach', present(query)))
  },
})

export const listNodes = defineRoute({
  method: 'GET',
  path: '/graph/nodes',
  summary: 'Nodes of the graph, by id',
  role: 'viewer',
  query: z.strictObject({
    ...paging,
    q: name.optional().describe('Part of the id, any case.'),
    kind: z.enum(nodeKinds).optional(),
  }),
  response: pageOf('GraphNodePage', graphNodeView),
  async handler({ backend, query }) {
    const { q, kind, limit, cursor } = query
    const ask = { limit, ...present({ q, kind, after: idCursor(cursor) }) }
    return idPage(await backend.askGraph('nodes', ask), nodeViewOf)
  },
})

const mostEntitlements = 1_000

export const listEntitlements = defineRoute({
  method: 'GET',
  path: '/graph/entitlements',
  summary: 'What identities are granted, and what was made of it',
  role: 'viewer',
  query: z.strictObject({
    ...when,
    unused: flag.optional().describe('Only what was not used.'),
    limit: whole(1, mostEntitlements).default(mostEntitlements),
  }),
  response: entitlementsView,
  async handler({ backend, query }) {
    const { items, more } = await backend.askGraph('entitlements', present(query))
    return { items: items.map(entitlementViewOf), truncated: more }
  },
})

const mostExported = 50_000

export const exportGraph = defineRoute({
  method: 'GET',
  path: '/graph/export',
  summary: 'Every node and edge, up to 50,000 edges',
  role: 'viewer',
  query: z.strictObject(view),
  response: graphExportView,
  async handler({ backend, query }) {
    const { nodes, edges, truncated } = await backend.askGraph('export', {
      ...present(query),
      limit: mostExported,
    })
    return { nodes: nodes.map(nodeViewOf), edges: edges.map(edgeViewOf), truncated }
  },
})
