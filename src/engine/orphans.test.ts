import { expect, it } from 'vitest'
import { storedCall } from '../../test/support/sample-server.ts'
import { parseSpecification } from '../catalog/spec/parse.ts'
import { Analysis } from './analysis.ts'

const host = 'api.shop.example'

function specified(analysis: Analysis, source: string, file: string): void {
  const { specification } = parseSpecification(source, file)
  if (specification === undefined) throw new TypeError(`${file} is a specification`)
  analysis.specify([specification])
}

it('operations of a schema that nobody asked for stand under the path that carries the others', () => {
  const analysis = new Analysis()
  const schema =
    'type Query { order(id: ID!): Order never: Int } type Mutation { pay: Order } type Order { id: ID! }'
  specified(analysis, schema, 'shop.graphql')
  const told = () => analysis.orphans().map(({ id, protocol, template }) => [id, protocol, template])
  expect(told()[0]).toEqual(['POST #query:order', 'graphql', '#query:order'])
  for (let index = 0; index < 8; index += 1) {
    const { call } = storedCall(index)
    const { response } = call
    if (response === undefined) throw new TypeError('the sample call is answered')
    const content = { kind: 'json', value: { query: '{ order(id: 1) { id } }' } } as const
    analysis.observe({
      ...call,
      request: {
        ...call.request,
        method: 'POST',
        target: '/graphql',
        path: '/graphql',
        headers: [['content-type', 'application/json']],
        content,
      },
      response: {
        ...response,
        status: 200,
        content: { kind: 'json', value: { data: { order: { id: '1' } } } },
      },
    })
  }
  expect(told()).toEqual([
    [`POST ${host}/graphql#query:never`, 'graphql', '/graphql'],
    [`POST ${host}/graphql#mutation:pay`, 'graphql', '/graphql'],
  ])
})

it('operations with a path that nobody called say what their specification says', () => {
  const analysis = new Analysis()
  const operation = {
    'x-owner': 'billing-team',
    tags: ['billing'],
    responses: { 200: { description: 'One.' } },
  }
  const document = {
    openapi: '3.1.0',
    info: { title: 'Shop', version: '1' },
    servers: [{ url: `https://${host}` }],
    paths: { '/refunds/{refundId}': { delete: operation } },
  }
  specified(analysis, JSON.stringify(document), 'shop.json')
  expect(analysis.orphans()).toMatchObject([
    {
      id: `DELETE ${host}/refunds/{refundId}`,
      protocol: 'rest',
      inventory: 'orphan',
      calls: 0,
      criticality: 'payment',
      labels: {
        owner: { value: 'billing-team', from: 'specification' },
        group: { value: 'billing', from: 'specification' },
      },
    },
  ])
})
