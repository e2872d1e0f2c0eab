import { expect, it } from 'vitest'
import { GraphBuilder } from '../graph/graph-builder.ts'
import { endpointParts, isPlainEndpoint } from './endpoint-parts.ts'
import { addCalls, workload } from './fixture.ts'
import { policyKinds } from './kinds/index.ts'
import { recommend } from './recommend.ts'

it('endpoints that a policy cannot name without meaning more are told', () => {
  const rows = [
    ['endpoint:GET api.example/orders/{orderId}', true],
    ['endpoint:GET api.example:8080/files/{path*}', true],
    ['endpoint:POST orders/graphql#mutation:*', true],
    ['endpoint:* api.example/orders', false],
    ['endpoint:GET|DELETE api.example/orders', false],
    ['endpoint:GET *.example/orders', false],
    ['endpoint:GET api.example/*', false],
    ['endpoint:GET api.example/a b', false],
  ] as const
  for (const [id, plain] of rows) expect([id, isPlainEndpoint(endpointParts(id)!)]).toEqual([id, plain])
  expect(rows.length).toBe(8)
})

it('what a caller writes opens nothing more than what it asked', () => {
  const builder = new GraphBuilder()
  const shared = {
    day: 1,
    from: workload('cart'),
    to: workload('orders'),
    host: 'orders',
    port: 8080,
    times: 5,
  }
  addCalls(builder, { ...shared, template: '/orders', principal: 'service:cart' })
  for (const [method, template] of [
    ['*', '/orders'],
    ['.*', '/orders'],
    ['GET', '/*'],
    ['GET', '/**'],
  ] as const)
    addCalls(builder, { ...shared, method, template, principal: 'service:cart' })
  for (const { id: kind } of policyKinds) {
    const { yaml } = recommend(builder.graph, { for: 'orders', kind })
    const rules = yaml.split('\n').filter(line => !/^\s*#/.test(line))
    expect([kind, rules.filter(line => line.includes('*') && !line.includes('([?].*)?'))]).toEqual([kind, []])
  }
  expect(recommend(builder.graph, { for: 'orders', kind: 'istio' }).denied.map(({ why }) => why)).toEqual([
    'odd',
    'odd',
    'odd',
    'odd',
  ])
})
