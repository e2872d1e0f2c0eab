import { expect, it } from 'vitest'
import { start, storedCall } from '../../test/support/sample-server.ts'
import type { RouteTable } from '../catalog/route-table.ts'
import type { EndpointId } from '../kit/id.ts'
import { MemoryCallStore } from '../store/memory/call-store.ts'
import { matchingCalls } from './matching-calls.ts'

const route = (host: string, method: string, template: string) => ({
  ...{ host, method, template },
  endpoint: `${method} ${host}${template}` as EndpointId,
})
const routes: RouteTable = {
  version: 1,
  routes: [
    route('shop.example', 'GET', '/orders/{orderId}'),
    route('shop.example', 'POST', '/orders'),
    route('admin.example', 'GET', '/users'),
    route('shop.example', 'POST', '/graphql'),
  ],
}

it('counts the calls at the endpoints that a policy is for', async () => {
  const calls = new MemoryCallStore()
  await calls.append(
    Array.from({ length: 40 }, (_, index) => ({
      ...storedCall(index),
      endpoint: routes.routes[index % 4]!.endpoint,
    })),
    'one',
  )
  const source = (match: string): string =>
    `apiVersion: sallyport/v1alpha1\nkind: ApiPolicy\nmetadata: { name: p }\nspec: { ${match} action: { type: block } }\n`
  const count = (match: string, more: { enough?: number; since?: number; routes?: undefined } = {}) =>
    matchingCalls({ source: source(match), since: start, enough: 1_000, routes, ...more }, calls)
  const rows: readonly (readonly [match: string, calls: number])[] = [
    ['', 40],
    ['match: { roles: [guest] },', 40],
    ['match: { endpoints: ["GET /orders/{id}"] },', 10],
    ['match: { endpoints: ["* /orders/**"] },', 20],
    ['match: { methods: [POST] },', 20],
    ['match: { hosts: ["*.example"] },', 40],
    ['match: { hosts: [admin.example] },', 10],
    ['match: { hosts: [admin.example], methods: [POST] },', 0],
    ['match: { endpoints: ["GET /nothing"] },', 0],
    ['match: { endpoints: ["POST /graphql#mutation:*"] },', 40],
  ]
  for (const [match, expected] of rows) expect([match, await count(match)]).toEqual([match, expected])
  expect(await count('match: { methods: [POST] },', { enough: 5 })).toBe(10)
  expect(await count('match: { methods: [POST] },', { routes: undefined })).toBe(40)
  expect(await count('match: { methods: [POST] },', { since: start + 86_400_000 })).toBe(0)
  const both = [source('match: { hosts: [admin.example] },'), source('match: { methods: [POST] },')]
  expect(
    await matchingCalls(
      { source: both.join('---\n').replace('name: p', 'name: q'), since: start, enough: 1_000, routes },
      calls,
    ),
  ).toBe(30)
})
