import { z } from 'zod'
import type { ApiCall } from '../../call/api-call.ts'
import type { Endpoint } from '../../catalog/endpoint.ts'
import { RouteMatcher } from '../../catalog/route-matcher.ts'
import { type EndpointId, endpointId } from '../../kit/id.ts'
import type { MaskedExampleView } from '../api/example.ts'
import type { Backend } from '../backend.ts'
import { defineRoute } from '../route.ts'
import { byId } from '../schemas/params.ts'
import { answer } from '../schemas/registry.ts'
import { exampleViewOf, newestOfEachStatus } from '../views/example.ts'
import { noSuchEndpoint } from './endpoints.ts'

/** The newest calls that examples are chosen from. */
const looked = 500

const pairs = z.array(z.tuple([z.string(), z.string()])).describe('Name and value, masked.')
const body = z
  .object({
    mediaType: z.string(),
    body: z.unknown().describe('A tree, masked text, or in words what it is.'),
    cut: z.boolean().describe('Something was left out for its size.'),
  })
  .exactOptional()

const exampleView: z.ZodType<MaskedExampleView> = answer(
  'MaskedExample',
  z.object({
    call: z.string(),
    time: z.string().describe('RFC 3339'),
    method: z.string(),
    path: z.string(),
    query: pairs,
    headers: pairs,
    requestBody: body,
    status: z.number().exactOptional(),
    responseHeaders: pairs,
    responseBody: body,
    masked: z.number().describe('Values that were replaced.'),
  }),
)

export const listExamples = defineRoute({
  method: 'GET',
  path: '/endpoints/{id}/examples',
  summary: 'The newest call of each status, at most five, without a value of sensitive data',
  role: 'viewer',
  params: byId,
  response: answer('MaskedExampleList', z.object({ items: z.array(exampleView) })),
  async handler({ backend, params: { id } }) {
    const facts = backend.endpoint(id)
    if (facts === undefined) throw noSuchEndpoint(id)
    const calls = await callsOf(backend, facts.endpoint)
    return {
      items: newestOfEachStatus(calls).map(call =>
        exampleViewOf(call, facts.endpoint, backend.dataClasses()),
      ),
    }
  },
})

/** Newest first. Calls from before words of the path were folded stand under other ids: those are found by their paths. */
async function callsOf(backend: Backend, endpoint: Endpoint): Promise<readonly ApiCall[]> {
  const { id, host, method, template } = endpoint
  const { items } = await backend.calls.query({ endpoint: id, limit: looked })
  const plain = id === endpointId(method, host, template) && !host.includes('{') && template.includes('{')
  if (!plain || items.length === looked) return items.map(({ call }) => call)
  const routes = backend
    .endpoints()
    .filter(one => one.host === host && one.method === method)
    .map(one => ({ endpoint: one.id as EndpointId, host, method, template: one.template }))
  const matcher = new RouteMatcher({ version: 0, routes })
  const others = await backend.calls.query({ host, method, not: { endpoint: [id] }, limit: looked })
  const its = others.items.filter(
    ({ call }) => matcher.match(host, method, call.request.path)?.endpoint === id,
  )
  return [...items, ...its].map(({ call }) => call).sort((a, b) => b.time - a.time)
}
