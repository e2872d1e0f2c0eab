import { z } from 'zod'
import { inventories } from '../../catalog/endpoint.ts'
import { speaks } from '../../catalog/protocol.ts'
import { SallyportError } from '../../kit/error.ts'
import { defineRoute } from '../route.ts'
import { byId, name, paging } from '../schemas/params.ts'
import { pageOf } from '../schemas/registry.ts'
import { endpointDetailView, endpointView } from '../schemas/views.ts'
import { sortedPage } from '../views/sorted-page.ts'
import { endpointDetailViewOf, endpointViewOf, signalViewOf } from '../views/views.ts'

export const listEndpoints = defineRoute({
  method: 'GET',
  path: '/endpoints',
  summary: 'What exists: endpoints by id, filtered',
  role: 'viewer',
  query: z.strictObject({
    ...paging,
    q: name.optional().describe('Part of the id, any case.'),
    host: name.optional(),
    method: name.optional(),
    protocol: name.optional().describe('One or several, joined by commas; `ai` is `llm` and `mcp`.'),
    dataClass: name.optional().describe('In requests or answers.'),
    auth: name.optional(),
    inventory: z.enum(inventories).optional(),
  }),
  response: pageOf('EndpointPage', endpointView),
  async handler({ backend, query }) {
    const { q, host, method, protocol, dataClass, auth, inventory } = query
    const text = q?.toLowerCase()
    const found = backend
      .endpoints()
      .filter(
        endpoint =>
          (text === undefined || endpoint.id.toLowerCase().includes(text)) &&
          (host === undefined || endpoint.host === host) &&
          (method === undefined || endpoint.method === method) &&
          (protocol === undefined || speaks(endpoint.protocol, protocol)) &&
          (auth === undefined || endpoint.auth.includes(auth)) &&
          (inventory === undefined || endpoint.inventory === inventory) &&
          (dataClass === undefined ||
            endpoint.dataClasses.request.includes(dataClass) ||
            endpoint.dataClasses.response.includes(dataClass)),
      )
    const page = sortedPage(found, endpoint => [endpoint.id], query)
    return { ...page, items: page.items.map(endpointViewOf) }
  },
})

export const showEndpoint = defineRoute({
  method: 'GET',
  path: '/endpoints/{id}',
  summary: 'One endpoint: fields, schemas, callers, owners and what was signalled about it',
  role: 'viewer',
  params: byId,
  response: endpointDetailView,
  async handler({ backend, params }) {
    const facts = backend.endpoint(params.id)
    if (facts === undefined) {
      throw new SallyportError('resource/not-found', 'There is no such endpoint.', {
        where: params.id,
        mend: 'Its id may have changed when similar paths were folded together: search for a part of it.',
      })
    }
    const signals = await backend.state.signals({ endpoint: params.id, limit: 20 })
    return endpointDetailViewOf(
      facts,
      signals.items.map(signal => signalViewOf(signal, backend)),
    )
  },
})
