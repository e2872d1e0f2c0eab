import { z } from 'zod'
import { inventories } from '../../catalog/endpoint.ts'
import { SallyportError } from '../../kit/error.ts'
import type { EndpointDetailView } from '../api/endpoint.ts'
import type { Backend } from '../backend.ts'
import { defineRoute } from '../route.ts'
import { endpointDetailView, endpointView } from '../schemas/endpoint.ts'
import { byId, name, paging } from '../schemas/params.ts'
import { pageOf } from '../schemas/registry.ts'
import { endpointDetailViewOf, endpointViewOf } from '../views/endpoint.ts'
import { endpointsLike } from '../views/endpoint-filter.ts'
import { findingViewOf } from '../views/finding.ts'
import { signalViewOf } from '../views/signal.ts'
import { sortedPage } from '../views/sorted-page.ts'

const filters = {
  q: name.optional().describe('Part of the id, any case.'),
  host: name.optional(),
  method: name.optional(),
  protocol: name.optional().describe('One or several, joined by commas; `ai` is `llm` and `mcp`.'),
  dataClass: name.optional().describe('In requests or answers.'),
  auth: name.optional(),
  inventory: z.enum(inventories).optional(),
  owner: name.optional(),
  environment: name.optional(),
  group: name.optional(),
  tag: name.optional(),
  criticality: name.optional(),
}

export const listEndpoints = defineRoute({
  method: 'GET',
  path: '/endpoints',
  summary: 'What exists: endpoints by id, filtered; what a specification has and nobody called among them',
  role: 'viewer',
  query: z.strictObject({ ...paging, ...filters }),
  response: pageOf('EndpointPage', endpointView),
  async handler({ backend, query }) {
    const found = [...backend.endpoints(), ...backend.orphans()].filter(endpointsLike(query))
    const page = sortedPage(found, endpoint => [endpoint.id], query)
    return { ...page, items: page.items.map(endpointViewOf) }
  },
})

export const noSuchEndpoint = (id: string): SallyportError =>
  new SallyportError('resource/not-found', 'There is no such endpoint.', {
    where: id,
    mend: 'Its id may have changed when similar paths were folded together: search for a part of it.',
  })

/** One endpoint with what was signalled and found about it. */
export async function endpointDetail(backend: Backend, id: string, now: number): Promise<EndpointDetailView> {
  const facts = backend.endpoint(id)
  if (facts === undefined) throw noSuchEndpoint(id)
  const [signals, findings] = await Promise.all([
    backend.state.signals({ endpoint: facts.endpoint.id, limit: 20 }),
    backend.catalogFindings({ endpoint: facts.endpoint.id, status: ['open', 'dismissed'], limit: 100, now }),
  ])
  return endpointDetailViewOf(facts, {
    signals: signals.items.map(signal => signalViewOf(signal, backend)),
    findings: findings.items.map(findingViewOf),
    classes: backend.dataClasses(),
  })
}

export const showEndpoint = defineRoute({
  method: 'GET',
  path: '/endpoints/{id}',
  summary: 'One endpoint: fields, messages, callers, owners, findings and what was signalled about it',
  role: 'viewer',
  params: byId,
  response: endpointDetailView,
  async handler({ backend, params, now }) {
    return await endpointDetail(backend, params.id, now)
  },
})
