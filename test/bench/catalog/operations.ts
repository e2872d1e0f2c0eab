import type { ApiCall } from '../../../src/call/api-call.ts'
import { exampleCall } from '../../../src/call/protocols/example-call.ts'
import { protocols, readOperations, readParts } from '../../../src/call/protocols/index.ts'

/**
 * CPU per call of telling protocols apart and of reading operations: `node test/bench/catalog/operations.ts`. Each figure is the
 * median of 15 rounds of CPU time (user and system) over many calls, in microseconds. Bounds: 0.5 µs on plain HTTP, 25 µs on a GraphQL
 * call of 1 KB; exit 1 where one is missed.
 */
const headers = {
  host: 'api.shop.example',
  'user-agent': 'shop-app/4.2',
  accept: 'application/json',
  'accept-encoding': 'gzip, br',
  authorization: 'Bearer opaque-token-of-a-caller',
  'content-type': 'application/json',
  'x-request-id': '6b0b2a1e',
  'x-forwarded-for': '203.0.113.7',
  origin: 'https://shop.example',
  'accept-language': 'en',
}
const json = { 'content-type': 'application/json', server: 'shop', date: 'Mon, 02 Mar 2026 09:00:00 GMT' }

const document = `query OrderPage($id: ID!, $first: Int = 10, $after: String) {
  order(id: $id) {
    id number total currency status createdAt updatedAt placedBy { id name } payments { id state amount { amount currency } }
    customer { id name email }
    items(first: $first, after: $after) {
      edges { node { id sku title quantity price { amount currency } image(size: LARGE) { url alt } } cursor }
      pageInfo { hasNextPage endCursor }
    }
    shippingAddress { ...Address }
    billingAddress { ...Address }
  }
  viewer { id name roles notifications(unreadOnly: true, first: 5) { id kind text createdAt } }
  recommendations(orderId: $id, limit: 6) {
    id title price { amount currency } rating reviews(first: 2) { id stars text author { name } }
  }
}
fragment Address on Address { name line1 line2 city region postalCode country phone instructions verifiedAt }`

const graphql = (query: string): ApiCall =>
  exampleCall({
    request: {
      method: 'POST',
      target: '/graphql',
      headers,
      body: { operationName: 'OrderPage', query, variables: { id: 'o-77', first: 20, after: null } },
    },
    response: { status: 200, headers: json, body: { data: { order: { id: 'o-77' }, viewer: { id: 1 } } } },
  })

const rest: readonly ApiCall[] = [
  exampleCall({
    request: { method: 'GET', target: '/orders/7?expand=items&limit=10', headers },
    response: { status: 200, headers: json, body: { id: 7, items: [1, 2] } },
  }),
  exampleCall({
    request: {
      method: 'POST',
      target: '/orders/7/items',
      headers,
      body: { sku: 'a', count: 3, note: 'x'.repeat(900) },
    },
    response: { status: 201, headers: json, body: { id: 8 } },
  }),
  exampleCall({
    request: {
      method: 'POST',
      target: '/login',
      headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'username=alice&password=secret',
    },
    response: { status: 200, headers: json, body: { ok: true } },
  }),
  exampleCall({
    request: { method: 'GET', target: '/assets/app.js', headers: { host: 'shop.example' } },
    response: { status: 200, headers: { 'content-type': 'text/javascript' }, body: 'void 0' },
  }),
]

function measure(calls: readonly ApiCall[], run: (call: ApiCall) => unknown, times: number): number {
  const rounds: number[] = []
  for (let round = -3; round < 15; round += 1) {
    const before = process.cpuUsage()
    for (let turn = 0; turn < times; turn += 1) for (const call of calls) run(call)
    const { user, system } = process.cpuUsage(before)
    if (round >= 0) rounds.push((user + system) / (times * calls.length))
  }
  rounds.sort((a, b) => a - b)
  return rounds[7] ?? Number.NaN
}

const one = graphql(document)
const bytes = JSON.stringify(one.request.content).length
const every = protocols.flatMap(({ examples }) => examples.map(exampleCall))
const results = [
  { what: 'plain HTTP', calls: rest, times: 50_000, bound: 0.5, run: readOperations },
  { what: `GraphQL, ${bytes} bytes`, calls: [one], times: 10_000, bound: 25, run: readOperations },
  { what: `GraphQL, ${bytes} bytes, in parts`, calls: [one], times: 10_000, bound: 25, run: readParts },
  {
    what: `${every.length} examples of all protocols`,
    calls: every,
    times: 1_000,
    bound: 25,
    run: readParts,
  },
]
// One after another, over and over: the readers meet every kind of call before the figures count.
for (let turn = 0; turn < 2_000; turn += 1) for (const call of [...rest, ...every, one]) readParts(call)
for (const { what, calls, times, bound, run } of results) {
  const micros = measure(calls, run, times)
  process.stdout.write(`${what}: ${micros.toFixed(2)} µs (bound ${bound})\n`)
  if (micros > bound) process.exitCode = 1
}
