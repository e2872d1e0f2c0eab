import { expect, it } from 'vitest'
import { exampleCall } from '../call/protocols/example-call.ts'
import type { EndpointId, PrincipalId } from '../kit/id.ts'
import { MemoryCallStore } from '../store/memory/call-store.ts'
import type { StoredCall } from '../store/ports/call-store.ts'
import { simulateRecorded } from './policy-service.ts'

const stored = (body: unknown): StoredCall => ({
  call: exampleCall({
    request: { method: 'POST', target: '/graphql', headers: { 'content-type': 'application/json' }, body },
    response: { status: 200, headers: { 'content-type': 'application/json' }, body: { data: {} } },
  }),
  endpoint: 'POST api.shop.example/graphql' as EndpointId,
  principal: 'user:alice' as PrincipalId,
  detectors: [],
})

const calls = [
  { query: '{ me { name } }' },
  { query: 'mutation { deleteUser(id: 1) { ok } }' },
  { query: 'mutation { renameUser(id: 2) { ok } again: deleteUser(id: 2) { ok } }' },
  [{ query: '{ me { name } }' }, { query: 'mutation { deleteUser(id: 3) { ok } }' }],
].map(stored)

const source = (spec: string): string =>
  `apiVersion: sallyport/v1alpha1\nkind: ApiPolicy\nmetadata: { name: p }\nspec: { ${spec} }\n`

it('simulates policies on operations over recorded calls as the gateway decides them', async () => {
  const store = new MemoryCallStore()
  await store.append(calls, 'one')
  const rows: readonly (readonly [spec: string, matched: number])[] = [
    ['match: { endpoints: ["POST /graphql#mutation:deleteUser"] }, action: { type: block }', 3],
    ['match: { endpoints: ["POST /graphql#query:*"] }, action: { type: block }', 2],
    ['match: { endpoints: ["POST /graphql"] }, action: { type: block }', 4],
    [
      'match: { endpoints: ["POST /graphql#mutation:deleteUser"] }, when: \'endpoint.params["userId"] == "2"\', action: { type: block }',
      1,
    ],
    [
      'match: { endpoints: ["POST /graphql#mutation:*"] }, action: { type: throttle, requests: 3, windowSeconds: 3600 }',
      1,
    ],
  ]
  for (const [spec, matched] of rows)
    expect([spec, (await simulateRecorded(source(spec), store, { snapshot: undefined })).matched]).toEqual([
      spec,
      matched,
    ])
  expect(rows).toHaveLength(5)
})

it('counts as changed what a mask or a strip would find in the recorded message', async () => {
  const store = new MemoryCallStore()
  const call = (request: unknown, response: unknown, type = 'application/json'): StoredCall => ({
    ...stored(request),
    call: exampleCall({
      request: {
        method: 'POST',
        target: '/graphql',
        headers: { 'content-type': 'application/json' },
        body: request,
      },
      response: { status: 200, headers: { 'content-type': type }, body: response },
    }),
  })
  await store.append(
    [
      call(
        { role: 'admin' },
        { card: '4012888888881881', items: [{ token: 'sk_live_0123456789abcdefghij' }] },
      ),
      call({ sku: 'x' }, { card: null, items: [] }),
      call({ sku: 'x' }, 'plain', 'text/plain'),
    ],
    'one',
  )
  const rows: readonly (readonly [spec: string, amended: number, stopped: number])[] = [
    ['action: { type: mask, fields: ["/card"] }', 1, 0],
    ['action: { type: mask, fields: ["/items/*/token"] }', 1, 0],
    ['action: { type: mask, fields: ["/other"] }', 0, 0],
    ['onError: deny, action: { type: mask, fields: ["/card"] }', 1, 1],
    ['action: { type: strip, fields: ["/role"] }', 1, 0],
  ]
  for (const [spec, amended, stopped] of rows)
    expect([spec, await simulateRecorded(source(spec), store, { snapshot: undefined })]).toMatchObject([
      spec,
      { amended, stopped, matched: amended + stopped, benign: { amended, stopped } },
    ])
  expect(rows).toHaveLength(5)
})
