import { describe, expect, it } from 'vitest'
import { exampleCall } from './example-call.ts'
import { parseGraphql } from './graphql/document.ts'
import { readOperations, readParts } from './index.ts'

const ask = (query: string, variables?: unknown, answer?: unknown, operationName?: string) =>
  exampleCall({
    request: { method: 'POST', target: '/graphql', body: { query, variables, operationName } },
    ...(answer === undefined
      ? {}
      : { response: { status: 200, headers: { 'content-type': 'application/json' }, body: answer } }),
  })

describe('GraphQL', () => {
  it('reads what a document asks for', () => {
    const rows: [query: string, name: string, objects: readonly string[]][] = [
      ['{ me { id } }', 'query:me', []],
      ['query A { b a c }', 'query:a,b,c', []],
      ['mutation { deleteUser(username: "bob") }', 'mutation:deleteUser', ['user:bob']],
      ['{ order(id: "12345678901234567890") { id } }', 'query:order', ['order:12345678901234567890']],
      ['{ order(id: 12345678901234567890) { id } }', 'query:order', ['order:12345678901234567890']],
      ['{ ordersByIds(ids: [1, 2, 3]) { id } }', 'query:ordersByIds', ['order:1', 'order:2', 'order:3']],
      ['{ viewer { order(id: 5) { id } } }', 'query:viewer', ['order:5']],
      ['{ orders(where: {customerId: {_in: [4, 5]}}) { id } }', 'query:orders', ['customer:4', 'customer:5']],
      ['{ node(id: "gid://shop/Order/77") { id } }', 'query:node', ['order:77']],
      ['{ order(id: """8""") { id } }', 'query:order', ['order:8']],
      ['# a comment { x }\n{ order(id: 8) @include(if: true) { id } }', 'query:order', ['order:8']],
      ['query ($id: ID = 9) { order(id: $id) { id } }', 'query:order', ['order:9']],
      ['{ __schema { types { name } } }', 'query:__schema', []],
      ['{ a b c d e f g h i j }', 'query:a,b,c,d,e,f,g,h,*', []],
      ['{ ... on Query { order(id: 3) { id } } }', 'query:order', ['order:3']],
      ['{ products(paid: true, valid: 3, first: 10) { id } }', 'query:products', []],
      ['mutation { login(email: "a@b.c", password: "x") { token } }', 'mutation:login', []],
      ['mutation { ship(clientMutationId: "77", orderId: 4) { ok } }', 'mutation:ship', ['order:4']],
      ['{ orders(pageId: 3, requestId: "r-1", number: 2) { id } }', 'query:orders', []],
      ['{ ...F } fragment F on Query { ...F }', 'unreadable', []],
      ['{ ', 'unreadable', []],
    ]
    for (const [query, name, objects] of rows) {
      const [operation] = readOperations(ask(query))
      expect(operation?.name, query).toBe(name)
      expect(
        operation?.objects.map(({ type, id }) => `${type}:${id}`),
        query,
      ).toEqual(objects)
    }
    expect(rows.length).toBe(21)
  })

  it('takes the operation that is named', () => {
    const query = 'query A { a } mutation B { b }'
    expect(readOperations(ask(query, {}, undefined, 'B'))[0]).toMatchObject({
      name: 'mutation:b',
      kind: 'write',
    })
    expect(readOperations(ask(query))[0]).toMatchObject({ name: 'query:a', kind: 'read' })
  })

  it('counts depth, aliases, fields and directives, also beyond what it keeps', () => {
    const { depth, aliases, fields, directives } = parseGraphql(
      '{ a: b { c: d @x @y(z: 1) { e } } f }',
      undefined,
    )
    expect({ depth, aliases, fields, directives }).toEqual({ depth: 3, aliases: 2, fields: 4, directives: 2 })
    const deep = parseGraphql(`${'{a'.repeat(200)}${'}'.repeat(200)}`, undefined)
    expect(deep.depth).toBe(200)
    expect(deep.truncated).toBe(true)
  })

  it('leaves what is no GraphQL to others', () => {
    const rows = [
      exampleCall({
        request: { method: 'POST', target: '/search', body: { query: 'query about { braces' } },
      }),
      exampleCall({ request: { method: 'POST', target: '/search', body: { query: 'shoes' } } }),
      exampleCall({ request: { method: 'POST', target: '/search', body: { query: { match: { a: 1 } } } } }),
      exampleCall({ request: { method: 'GET', target: '/search?query=shoes' } }),
      exampleCall({ request: { method: 'POST', target: '/orders', body: { id: 'x', variables: {} } } }),
    ]
    for (const call of rows) expect(readOperations(call)).toEqual([])
    expect(rows.length).toBe(5)
  })

  it('takes a document with aliases apart, and gives its fields their names back', () => {
    const all = readParts(
      ask(
        '{ x: order(id: 1) { o: owner items { s: sku } } y: order(id: 2) { o: owner } me { name } }',
        undefined,
        {
          data: {
            x: { o: 'alice', items: [{ s: 'a' }, { s: 'b' }] },
            y: { o: 'bob' },
            me: { name: 'alice' },
          },
        },
      ),
    )
    expect(all.filter(({ within }) => within).map(({ operation }) => operation.name)).toEqual([
      'query:order',
      'query:me',
    ])
    const parts = all.filter(({ within }) => within !== true)
    // The second turn asks for one field only.
    expect(parts.map(({ operation }) => operation.name)).toEqual(['query:me,order', 'query:order'])
    expect(parts.map(({ call }) => call.response?.content)).toMatchObject([
      {
        value: {
          data: { order: { owner: 'alice', items: [{ sku: 'a' }, { sku: 'b' }] }, me: { name: 'alice' } },
        },
      },
      { value: { data: { order: { owner: 'bob' } } } },
    ])
    expect(parts.map(({ operation }) => operation.objects)).toEqual([
      [{ type: 'order', id: '1' }],
      [{ type: 'order', id: '2' }],
    ])
  })

  it('says that an answer failed where nothing but errors came', () => {
    const rows: [answer: unknown, failed: boolean][] = [
      [{ errors: [{ message: 'no' }] }, true],
      [{ data: null, errors: [{ message: 'no' }] }, true],
      [{ data: { order: null }, errors: [{ message: 'no' }] }, true],
      [{ data: { order: null } }, false],
      [{ data: { order: { id: 1 } }, errors: [{ message: 'partial' }] }, false],
    ]
    for (const [answer, failed] of rows)
      expect(readOperations(ask('{ order(id: 1) { id } }', undefined, answer))[0]?.failed ?? false).toBe(
        failed,
      )
    expect(rows.length).toBe(5)
  })
})
