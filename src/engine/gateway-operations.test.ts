import { createHmac } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { OwnerBinding } from '../baseline/owner-binding.ts'
import type { RawExchange } from '../call/raw-exchange.ts'
import { Redactor } from '../call/redactor.ts'
import { Enforcement } from '../enforce/enforcement.ts'
import { SessionDirectory } from '../identity/session-directory.ts'
import { systemClock } from '../kit/clock.ts'
import { CounterSet } from '../kit/counters.ts'
import type { EndpointId } from '../kit/id.ts'
import { Gateway } from '../sensors/gateway/gateway.ts'
import { DecidingGuard } from './deciding-guard.ts'
import type { AnalysisSnapshot } from './snapshot.ts'

const closers: (() => Promise<unknown> | unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

type Answer = (body: string) => unknown

/** A real upstream that counts what reaches it, and a real gateway before it with the engine's own guard. */
async function site(
  policies: readonly string[],
  { answer = () => ({}), windowBytes }: { readonly answer?: Answer; readonly windowBytes?: number } = {},
) {
  const reached: string[] = []
  const upstream: Server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('latin1')
      reached.push(body)
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(answer(body)))
    })
  })
  await new Promise<void>(done => upstream.listen(0, '127.0.0.1', () => done()))
  closers.push(() => {
    upstream.closeAllConnections()
    upstream.close()
  })
  const enforcement = new Enforcement({ clock: systemClock, instance: 'test' })
  const problems = enforcement.update({
    version: 1,
    bypass: false,
    quarantine: [],
    policies: policies.map((spec, index) => ({
      name: `p${index}`,
      version: 1,
      source: `apiVersion: sallyport/v1alpha1\nkind: ApiPolicy\nmetadata: { name: p${index} }\nspec: { mode: enforce, ${spec} }\n`,
    })),
  } as Parameters<Enforcement['update']>[0])
  expect(problems).toEqual([])
  const exchanges: RawExchange[] = []
  const counters = new CounterSet()
  const guard = new DecidingGuard({
    redactor: new Redactor({ key: Buffer.alloc(32, 1) }),
    enforcement,
    hand: exchange => exchanges.push(exchange) > 0,
    counters,
  })
  const gateway = new Gateway(
    {
      host: '127.0.0.1',
      port: 0,
      upstream: new URL(`http://127.0.0.1:${(upstream.address() as AddressInfo).port}`),
      ...(windowBytes === undefined ? {} : { windowBytes }),
    },
    guard,
    systemClock,
  )
  const { port } = await gateway.listen()
  closers.push(() => gateway.close(0))
  const host = `127.0.0.1:${port}`
  return { guard, enforcement, reached, counters, host, url: `http://${host}` }
}

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const jwt = (sub: string): string => {
  const content = `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url({ sub, exp: 4_000_000_000 })}`
  return `${content}.${createHmac('sha256', 'test').update(content).digest('base64url')}`
}

async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<number> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: body instanceof Uint8Array ? Buffer.from(body) : JSON.stringify(body),
  })
  await response.body?.cancel()
  return response.status
}

const rpc = (method: string, params: unknown = {}, id: number = 1) => ({ jsonrpc: '2.0', id, method, params })
const tool = (name: string, args: unknown = {}) => rpc('tools/call', { name, arguments: args })

const snapshot = (endpoint: EndpointId, owners: readonly OwnerBinding[]): AnalysisSnapshot => ({
  version: 1,
  routes: {
    version: 1,
    routes: [
      {
        endpoint,
        host: endpoint.slice(endpoint.indexOf(' ') + 1, endpoint.indexOf('/')),
        method: 'POST',
        template: endpoint.slice(endpoint.indexOf('/')),
      },
    ],
  },
  owners,
  sessions: new SessionDirectory().snapshot(),
  carriers: [endpoint],
})

const binding = (endpoint: string, field: string): OwnerBinding => ({
  endpoint: endpoint as EndpointId,
  scope: 'user',
  field,
  claim: 'sub',
  seen: 100,
  agreement: 1,
  principals: 10,
  exemptRoles: [],
})

describe('policies on operations, inline', () => {
  it('blocks a GraphQL mutation and lets queries on the same path pass', async () => {
    const { url, reached, enforcement, host } = await site([
      'match: { endpoints: ["POST /graphql#mutation:deleteUser", "GET /graphql#mutation:deleteUser"] }, action: { type: block }',
    ])
    const graphql = `${url}/graphql`
    const rows: readonly (readonly [body: unknown, status: number])[] = [
      [{ query: '{ user(id: 1) { name } }' }, 200],
      [{ query: 'mutation { deleteUser(id: 1) { ok } }' }, 403],
      // Beside others, under an alias, in a fragment, in a batch.
      [{ query: 'mutation { renameUser(id: 1, name: "x") { ok } x: deleteUser(id: 2) { ok } }' }, 403],
      [{ query: 'mutation { ...F } fragment F on Mutation { deleteUser(id: 3) { ok } }' }, 403],
      [[{ query: '{ me { name } }' }, { query: 'mutation { deleteUser(id: 4) { ok } }' }], 403],
      [[{ query: '{ me { name } }' }, { query: '{ user(id: 4) { name } }' }], 200],
      // What another operation of the same document would do is not asked for.
      [{ query: 'query A { me { name } } mutation B { deleteUser(id: 1) { ok } }', operationName: 'A' }, 200],
      [{ query: 'query A { me { name } } mutation B { deleteUser(id: 1) { ok } }', operationName: 'B' }, 403],
    ]
    for (const [body, status] of rows) expect([body, await post(graphql, body)]).toEqual([body, status])
    expect(reached).toHaveLength(rows.filter(([, status]) => status === 200).length)
    const target = `?query=${encodeURIComponent('mutation { deleteUser(id: 1) { ok } }')}`
    expect((await fetch(`${graphql}${target}`)).status).toBe(403)
    expect((await fetch(`${graphql}?query=${encodeURIComponent('{ me { name } }')}`)).status).toBe(200)
    // Some servers take the document in the target before the one in the body.
    expect(await post(`${graphql}${target}`, { query: '{ me { name } }' })).toBe(403)
    const endpoints = new Set(enforcement.drainDecisions().map(({ endpoint }) => endpoint))
    expect([...endpoints].sort()).toEqual([
      `GET ${host}/graphql#mutation:deleteUser`,
      `POST ${host}/graphql#mutation:deleteUser`,
    ])
  })

  it('blocks a tool of an MCP server, alone and in a batch', async () => {
    const { url, reached } = await site([
      'match: { endpoints: ["POST /mcp#tools/call:delete_*"] }, action: { type: block }',
    ])
    expect(await post(`${url}/mcp`, tool('get_order', { order_id: 5 }))).toBe(200)
    expect(await post(`${url}/mcp`, tool('delete_order', { order_id: 5 }))).toBe(403)
    expect(await post(`${url}/mcp`, [tool('get_order'), tool('delete_order')])).toBe(403)
    expect(await post(`${url}/mcp`, rpc('tools/list'))).toBe(200)
    expect(reached).toHaveLength(2)
  })

  it('blocks a JSON-RPC batch with one forbidden method', async () => {
    const { url, reached } = await site([
      'match: { endpoints: ["POST /rpc#admin.*"] }, action: { type: block }',
    ])
    expect(await post(`${url}/rpc`, [rpc('order.get'), rpc('cart.get')])).toBe(200)
    expect(await post(`${url}/rpc`, [rpc('order.get'), rpc('admin.drop'), rpc('cart.get')])).toBe(403)
    expect(reached).toHaveLength(1)
  })

  it('blocks a method of gRPC-Web by its path and by its arguments', async () => {
    const { url, reached } = await site([
      'match: { endpoints: ["POST /shop.Orders/DeleteOrder"] }, action: { type: block }',
      'match: { endpoints: ["POST /shop.Orders/*#/shop.Orders/Get*"] }, when: \'endpoint.params["orderId"] == "7"\', action: { type: block }',
    ])
    const type = { 'content-type': 'application/grpc-web+proto' }
    const id = (value: number): Uint8Array => Uint8Array.of(0, 0, 0, 0, 2, 0x08, value)
    expect(await post(`${url}/shop.Orders/DeleteOrder`, id(5), type)).toBe(403)
    expect(await post(`${url}/shop.Orders/GetOrder`, id(5), type)).toBe(200)
    expect(await post(`${url}/shop.Orders/GetOrder`, id(7), type)).toBe(403)
    expect(reached).toHaveLength(1)
  })

  it('blocks a SOAP action and a language model', async () => {
    const { url, reached } = await site([
      'match: { endpoints: ["POST /services#CancelOrder", "POST /v1/chat/completions#chat:gpt-4o*"] }, action: { type: block }',
    ])
    const soap = (name: string): Uint8Array =>
      Buffer.from(`<s:Envelope xmlns:s="urn:s"><s:Body><${name}><id>1</id></${name}></s:Body></s:Envelope>`)
    const xml = { 'content-type': 'text/xml' }
    expect(await post(`${url}/services`, soap('GetOrder'), xml)).toBe(200)
    expect(await post(`${url}/services`, soap('CancelOrder'), xml)).toBe(403)
    const chat = (model: string) => ({ model, messages: [{ role: 'user', content: 'hi' }] })
    expect(await post(`${url}/v1/chat/completions`, chat('small'))).toBe(200)
    expect(await post(`${url}/v1/chat/completions`, chat('gpt-4o-mini'))).toBe(403)
    expect(reached).toHaveLength(2)
  })

  it('counts every operation of a request towards a throttle', async () => {
    const { url } = await site([
      'match: { endpoints: ["POST /graphql#mutation:login"] }, action: { type: throttle, requests: 5, windowSeconds: 3600 }',
    ])
    const login = (count: number) => ({
      query: `mutation { ${Array.from({ length: count }, (_, index) => `a${index}: login(pin: "${index}") { ok }`).join(' ')} }`,
    })
    expect(await post(`${url}/graphql`, login(4))).toBe(200)
    expect(await post(`${url}/graphql`, { query: '{ me { name } }' })).toBe(200)
    expect(await post(`${url}/graphql`, login(4))).toBe(429)
  })

  it('lets pass what it cannot see, unless the policy says otherwise', async () => {
    const spec = 'match: { endpoints: ["POST /graphql#mutation:*"] }, action: { type: block }'
    const large = {
      query: 'mutation { deleteUser(id: 1) { ok } }',
      variables: { padding: 'x'.repeat(4_000) },
    }
    const unseen: readonly unknown[] = [
      large,
      { extensions: { persistedQuery: { version: 1, sha256Hash: 'ab'.repeat(32) } } },
      [{ query: '{ me { name } }' }, { anything: 'else' }],
      Array.from({ length: 80 }, () => ({ query: '{ me { name } }' })),
      Buffer.from([1, 2, 3]),
    ]
    const open = await site([spec], { windowBytes: 2_048 })
    for (const body of unseen) expect(await post(`${open.url}/graphql`, body)).toBe(200)
    const closed = await site([`${spec}, onError: deny`], { windowBytes: 2_048 })
    for (const body of unseen) expect(await post(`${closed.url}/graphql`, body)).toBe(403)
    expect(await post(`${closed.url}/graphql`, { query: '{ me { name } }' })).toBe(200)
    expect((await fetch(`${closed.url}/graphql`)).status).toBe(200)
    const named = await site(
      ['match: { endpoints: ["POST /graphql#unknown"] }, action: { type: block, status: 413 }'],
      { windowBytes: 2_048 },
    )
    expect(await post(`${named.url}/graphql`, large)).toBe(413)
    expect(await post(`${named.url}/graphql`, { query: '{ me { name } }' })).toBe(200)
  })

  it('knows what a persisted query asks for from the request that registered it, and from analysis', async () => {
    const { url, guard, host } = await site([
      'match: { endpoints: ["POST /graphql#mutation:deleteUser"] }, action: { type: block }',
    ])
    const endpoint = `POST ${host}/graphql` as EndpointId
    const persisted = (hash: string) => ({ extensions: { persistedQuery: { version: 1, sha256Hash: hash } } })
    expect(await post(`${url}/graphql`, persisted('c0ffee'))).toBe(200)
    guard.learn({
      ...snapshot(endpoint, []),
      persisted: [{ host, hash: 'c0ffee', name: 'mutation:deleteUser', kind: 'write' }],
    })
    expect(await post(`${url}/graphql`, persisted('c0ffee'))).toBe(403)
  })

  it('asks for no body where no policy speaks of operations', async () => {
    const { guard, host } = await site([
      'match: { endpoints: ["POST /graphql#mutation:*"] }, action: { type: block }',
      'when: object.foreign, action: { type: block }',
    ])
    const admit = (path: string) =>
      guard.admit({
        id: 'a',
        time: 0,
        source: {},
        destination: { host },
        method: 'POST',
        target: path,
        httpVersion: '1.1',
        headers: [['content-length', '10']],
      }).needs.requestBody
    expect([admit('/orders'), admit('/graphql'), admit('/rpc')]).toEqual([false, true, false])
    guard.learn(snapshot(`POST ${host}/rpc` as EndpointId, []))
    expect([admit('/orders'), admit('/rpc')]).toEqual([false, true])
  })
})

describe('the owner guard on operations, inline', () => {
  const spec = 'when: object.foreign, action: { type: block }'
  const rows: readonly (readonly [
    what: string,
    path: string,
    operation: string,
    field: string,
    ask: (id: number) => unknown,
    answer: (owner: string) => unknown,
  ])[] = [
    [
      'a field of a GraphQL answer, under an alias',
      '/graphql',
      'query:order',
      'data.order.owner',
      id => ({ query: `{ x: order(id: ${id}) { o: owner } }` }),
      owner => ({ data: { x: { o: owner } } }),
    ],
    [
      'the text a tool answers with',
      '/mcp',
      'tools/call:get_order',
      'result.content[].text.owner',
      id => tool('get_order', { order_id: id }),
      owner => ({
        jsonrpc: '2.0',
        id: 1,
        result: { content: [{ type: 'text', text: JSON.stringify({ owner }) }] },
      }),
    ],
    [
      'one answer of a batch',
      '/rpc',
      'order.get',
      'result.owner',
      id => [rpc('version', {}, 9), rpc('order.get', { orderId: id })],
      owner => [
        { jsonrpc: '2.0', id: 9, result: '1' },
        { jsonrpc: '2.0', id: 1, result: { owner } },
      ],
    ],
  ]
  for (const [what, path, operation, field, ask, answer] of rows)
    it(`judges ${what}`, async () => {
      let owner = 'alice'
      const { url, guard, host, counters } = await site([spec], { answer: () => answer(owner) })
      const endpoint = `POST ${host}${path}` as EndpointId
      guard.learn(snapshot(endpoint, [binding(`${endpoint}#${operation}`, field)]))
      const alice = { authorization: `Bearer ${jwt('alice')}` }
      expect(await post(`${url}${path}`, ask(1), alice)).toBe(200)
      owner = 'bob'
      expect(await post(`${url}${path}`, ask(2), alice)).toBe(403)
      expect(counters.get('sallyport_decision_errors_total')).toBe(0)
    })

  it('judges an argument: the account that a query names', async () => {
    const { url, guard, host, reached } = await site([
      'match: { endpoints: ["POST /graphql#query:*"] }, when: \'endpoint.params["userId"] != identity.name\', action: { type: block }',
      spec,
    ])
    const endpoint = `POST ${host}/graphql` as EndpointId
    guard.learn(snapshot(endpoint, [binding(`${endpoint}#query:invoices`, 'path:userId')]))
    const alice = { authorization: `Bearer ${jwt('alice')}` }
    const ask = (user: string, field = 'invoices') => ({
      query: `query Q($u: ID!) { ${field}(userId: $u) { total } }`,
      variables: { u: user },
    })
    expect(await post(`${url}/graphql`, ask('alice'), alice)).toBe(200)
    expect(await post(`${url}/graphql`, ask('bob'), alice)).toBe(403)
    expect(reached).toHaveLength(1)
    const guarded = await site([spec], { answer: () => ({ data: { invoices: [] } }) })
    const other = `POST ${guarded.host}/graphql` as EndpointId
    guarded.guard.learn(snapshot(other, [binding(`${other}#query:invoices`, 'path:userId')]))
    expect(await post(`${guarded.url}/graphql`, ask('alice'), alice)).toBe(200)
    expect(await post(`${guarded.url}/graphql`, ask('bob'), alice)).toBe(403)
  })
})

describe('what policies change, through a real gateway', () => {
  const rules = [
    'match: { endpoints: ["POST /orders"] }, action: { type: strip, fields: ["/role"] }',
    'match: { endpoints: ["POST /orders"] }, action: { type: tag, header: x-risk, value: high }',
    'match: { endpoints: ["POST /orders"] }, action: { type: mask, fields: ["/card"] }',
    'match: { endpoints: ["POST /transfers"] }, action: { type: challenge, kind: step-up, acrValues: [mfa] }',
  ]

  it('takes fields out of the request and hides others of the answer', async () => {
    const { url, reached } = await site(rules, { answer: () => ({ id: 5, card: '4111111111111111' }) })
    const response = await fetch(`${url}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-risk': 'none' },
      body: '{"sku":"x","role":"admin","id":12345678901234567890}',
    })
    expect(await response.text()).toBe('{"id":5,"card":"***"}')
    expect(reached).toEqual(['{"sku":"x","id":12345678901234567890}'])
  })

  it('asks for another authentication', async () => {
    const { url, reached } = await site(rules)
    const response = await fetch(`${url}/transfers`, { method: 'POST', body: '{}' })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toContain('acr_values="mfa"')
    await response.body?.cancel()
    expect(reached).toEqual([])
  })
})
