import fc from 'fast-check'
import type { Endpoint } from '../../src/catalog/endpoint.ts'
import type { SchemaNode } from '../../src/catalog/schema-node.ts'
import { endpointId } from '../../src/kit/id.ts'

export const start = 1_800_000_000_000
const json = 'application/json'

export const leaf = (type: SchemaNode['type']): SchemaNode => ({ type, seen: 9 })
export const object = (properties: Readonly<Record<string, SchemaNode>>): SchemaNode => ({
  type: 'object',
  properties,
  seen: 9,
})

/** An endpoint that answers with these properties. */
export function endpointWith(
  properties: Readonly<Record<string, SchemaNode>> = {},
  more: Partial<Endpoint> & { readonly request?: SchemaNode; readonly query?: readonly string[] } = {},
): Endpoint {
  const { request, query = [], template = '/orders/{orderId}', host = 'api.shop.example', ...rest } = more
  return {
    id: endpointId('GET', host, template),
    protocol: 'rest',
    host,
    method: 'GET',
    template,
    calls: 100,
    statuses: { '200': 100 },
    firstSeen: start,
    lastSeen: start + 7_200_000,
    auth: ['bearer-jwt'],
    dataClasses: { request: [], response: [] },
    fields: [],
    exposure: 'internal',
    inventory: 'unknown',
    criticality: 'other',
    risk: { score: 0, factors: [] },
    responseSchemas: {},
    messages: {
      parameters: query.map(name => ({ in: 'query', name, required: false, schema: leaf('string') })),
      requests: request === undefined ? [] : [{ mediaType: json, seen: 9, schema: request }],
      requestRequired: false,
      responses: [{ group: '2xx', statuses: [200], mediaType: json, seen: 9, schema: object(properties) }],
      credentials: [],
    },
    ...rest,
  }
}

const names = fc.constantFrom('id', 'card', 'note', 'items', 'total')
const leaves = fc.constantFrom('string', 'integer', 'number', 'null').map(leaf)
const trees = fc.letrec<{ node: SchemaNode }>(tie => ({
  node: fc.oneof(
    { depthSize: 'small' },
    leaves,
    fc.dictionary(names, tie('node'), { maxKeys: 4 }).map(object),
    tie('node').map((items): SchemaNode => ({ type: 'array', items, seen: 9 })),
    tie('node').map((values): SchemaNode => ({ type: 'object', additionalProperties: values, seen: 9 })),
  ),
})).node
/** Endpoints of one host, four templates among them. */
export const endpoints = fc
  .record({
    properties: fc.dictionary(names, trees, { maxKeys: 4 }),
    template: fc.constantFrom('/a', '/b', '/c/{id}', '/d'),
    calls: fc.integer({ min: 0, max: 200 }),
    status: fc.constantFrom('200', '404', '500'),
    auth: fc.subarray(['api-key', 'bearer-jwt', 'none']),
    classes: fc.subarray(['email', 'payment-card']),
    hours: fc.integer({ min: 0, max: 400 }),
  })
  .map(({ properties, template, calls, status, auth, classes, hours }) =>
    endpointWith(properties, {
      template,
      calls,
      auth,
      statuses: { [status]: calls },
      dataClasses: { request: [], response: classes },
      fields: classes.map(dataClass => ({ side: 'response', field: 'card', dataClass, values: 3 })),
      lastSeen: start + hours * 3_600_000,
    }),
  )
