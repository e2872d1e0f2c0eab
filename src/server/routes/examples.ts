import { z } from 'zod'
import type { MaskedExampleView } from '../api.ts'
import { defineRoute } from '../route.ts'
import { byId } from '../schemas/params.ts'
import { answer } from '../schemas/registry.ts'
import { exampleViewOf, newestOfEachStatus } from '../views/examples.ts'
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
    const { items } = await backend.calls.query({ endpoint: id, limit: looked })
    return {
      items: newestOfEachStatus(items.map(({ call }) => call)).map(call =>
        exampleViewOf(call, facts.endpoint, backend.dataClasses()),
      ),
    }
  },
})
