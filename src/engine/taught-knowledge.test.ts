import { describe, expect, test } from 'vitest'
import { standardClasses } from '../catalog/data-classes/registry/standard.ts'
import type { Endpoint } from '../catalog/endpoint.ts'
import { SpecIndex } from '../catalog/spec/match.ts'
import { parseSpecification } from '../catalog/spec/parse.ts'
import type { EndpointId } from '../kit/id.ts'
import { compilePolicies } from '../policy/compile.ts'
import { taughtKnowledge } from './taught-knowledge.ts'

const endpoint: Endpoint = {
  id: 'POST api.example/orders/{orderId}' as EndpointId,
  protocol: 'http',
  host: 'api.example',
  method: 'POST',
  template: '/orders/{orderId}',
  calls: 5_000,
  statuses: { '200': 5_000 },
  firstSeen: 0,
  lastSeen: 1,
  auth: ['bearer-jwt'],
  dataClasses: { request: [], response: ['email'] },
  fields: [{ side: 'response', field: 'customer.email', dataClass: 'email', values: 9 }],
  exposure: 'external',
  inventory: 'documented',
  criticality: 'payment',
  risk: { score: 40, factors: [] },
  requestSchema: {
    type: 'object',
    seen: 5_000,
    confidence: 0.999,
    properties: { note: { type: 'string', seen: 5_000 } },
  },
  responseSchemas: {},
  workloads: ['shop/orders'],
}
const specification = parseSpecification(
  `openapi: 3.1.0
info: { title: t, version: "1" }
paths:
  /orders/{orderId}:
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              required: [quantity]
              properties:
                quantity: { type: integer }
                id: { type: string, readOnly: true }
      responses: { '200': { description: ok } }
`,
  'openapi.yaml',
).specification!

const taught = (spec: string, specifications?: SpecIndex) =>
  taughtKnowledge({
    endpoints: [endpoint],
    risks: [
      ['user:low', 10],
      ['user:none', 0],
      ['user:high', 90],
    ],
    bundle: compilePolicies([
      {
        name: 'p',
        version: 1,
        source: `apiVersion: sallyport/v1alpha1\nkind: ApiPolicy\nmetadata: { name: p }\nspec: { ${spec} }\n`,
      },
    ]).bundle,
    classes: standardClasses,
    ...(specifications === undefined ? {} : { specifications }),
  })

describe('what decision points are told of the catalog', () => {
  test('traits of every endpoint, with the groups of its classes; risks of principals, the highest first', () => {
    const { abouts, risks } = taught('action: { type: block }')
    expect(abouts).toEqual([
      {
        endpoint: endpoint.id,
        exposure: 'external',
        criticality: 'payment',
        dataClasses: ['email', 'pii'],
        inventory: 'documented',
        risk: 40,
        service: 'shop/orders',
        owner: '',
      },
    ])
    expect(risks).toEqual([
      ['user:high', 90],
      ['user:low', 10],
    ])
  })

  test('fields and schemas only where policies read them', () => {
    expect(taught('action: { type: mask, dataClasses: [pii] }').abouts[0]).toMatchObject({
      answerFields: [{ field: 'customer.email', classes: ['email', 'pii'] }],
    })
    expect(taught(`action: { type: block }, when: 'size(request.violations) > 0'`).abouts[0]).toMatchObject({
      requestSchema: { closed: true, properties: { note: { types: ['string'] } } },
    })
    const elsewhere = taught(`match: { methods: [PUT] }, action: { type: strip, unknown: true }`).abouts[0]!
    expect(elsewhere.requestSchema).toBeUndefined()
  })

  test('a specification goes before what was learned', () => {
    const [about] = taught('action: { type: strip, readOnly: true }', new SpecIndex([specification])).abouts
    expect(about?.requestSchema).toEqual({
      types: ['object'],
      closed: true,
      required: ['quantity'],
      properties: { quantity: { types: ['integer'] }, id: { types: ['string'], readOnly: true } },
    })
  })
})
