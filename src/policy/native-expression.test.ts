import { parse } from '@marcbachmann/cel-js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CelEngine } from './cel-engine.ts'
import type { ExpressionType } from './expression.ts'
import type { PolicyFacts } from './facts.ts'
import { buildFacts } from './facts-builder.ts'
import { nativeOf } from './native-expression.ts'

const names = ['a', 'b', 'expand', 'constructor', '__proto__', 'toString', 'x-debug']
const words = ['', 'a', 'GET', 'admin', '/orders/7', 'ä€😀', 'constructor', '10.1.2.3', '1']
const word = fc.constantFrom(...words)
const name = fc.constantFrom(...names)
const quoted = word.map(one => JSON.stringify(one))
const number = fc.constantFrom('0.0', '1.0', '1.5', '120.0', '-3.0', '1e300')

/** Fields of every type, of roots that are there and of one that may not be. */
const texts = ['request.method', 'request["path"]', 'identity.name', 'response.body', 'object.owner']
const numbers = ['request.size', 'request.depth', 'identity.risk', 'response.status', 'now.hour']
const bools = ['endpoint.known', 'object.foreign', 'token.verified']
const lists = ['identity.roles', 'request.violations', 'token.scopes', 'response.dataClasses']
const maps = ['request.query', 'request.headers', 'endpoint.params', 'response.headers']
/** Left to the library, in part or wholly. */
const others = [
  'request.body.a == 1.0',
  '"constructor" in request.body',
  'request.body.constructor == "a"',
  'has(request.body.b)',
  'identity.claims["a"] == "a"',
  'identity.claims.b',
  'identity.roles.exists(role, role.startsWith("a"))',
  'request.query.all(name, name != "b")',
  'identity.roles[0] == "a"',
  'double(request.method) > 1.0',
]

const { expression } = fc.letrec<{ expression: string; text: string; number: string }>(tie => ({
  text: fc.oneof(
    { depthSize: 'small' },
    quoted,
    fc.constantFrom(...texts),
    fc.tuple(fc.constantFrom(...maps), name).map(([map, key]) => `${map}[${JSON.stringify(key)}]`),
    fc.constantFrom(...maps).map(map => `${map}.expand`),
    fc.tuple(fc.constantFrom(...maps), tie('text')).map(([map, key]) => `${map}[${key}]`),
    fc.tuple(tie('text'), tie('text')).map(([a, b]) => `(${a} + ${b})`),
    fc.tuple(tie('expression'), tie('text'), tie('text')).map(([c, a, b]) => `(${c} ? ${a} : ${b})`),
  ),
  number: fc.oneof(
    { depthSize: 'small' },
    number,
    fc.constantFrom(...numbers),
    fc
      .tuple(tie('number'), fc.constantFrom('+', '-', '*', '/'), tie('number'))
      .map(([a, op, b]) => `(${a} ${op} ${b})`),
    tie('number').map(one => `-(${one})`),
    fc.constant('flow.secondsSince("POST /cart")'),
    fc.constant('flow.secondsSince("POST /login")'),
  ),
  expression: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('true', 'false', ...bools, ...others),
    fc
      .tuple(tie('text'), fc.constantFrom('==', '!=', '<', '<=', '>', '>='), tie('text'))
      .map(([a, op, b]) => `${a} ${op} ${b}`),
    fc
      .tuple(tie('number'), fc.constantFrom('==', '!=', '<', '<=', '>', '>='), tie('number'))
      .map(([a, op, b]) => `${a} ${op} ${b}`),
    fc
      .tuple(tie('text'), fc.array(quoted, { maxLength: 3 }))
      .map(([a, all]) => `${a} in [${all.join(', ')}]`),
    fc
      .tuple(tie('number'), fc.array(number, { maxLength: 3 }))
      .map(([a, all]) => `${a} in [${all.join(', ')}]`),
    fc.tuple(tie('text'), fc.constantFrom(...lists, ...maps)).map(([a, whole]) => `${a} in ${whole}`),
    fc
      .tuple(tie('text'), fc.constantFrom('startsWith', 'endsWith', 'contains'), tie('text'))
      .map(([a, method, b]) => `(${a}).${method}(${b})`),
    tie('text').map(one => `(${one}).matches("^[a-z]+")`),
    tie('text').map(one => `inCidr(${one}, "10.0.0.0/8")`),
    fc
      .tuple(fc.constantFrom(...lists, ...maps, ...texts), fc.constantFrom('==', '>', '!='), fc.nat(4))
      .map(([whole, op, size]) => `size(${whole}) ${op} ${size}`),
    fc.constantFrom(...lists).map(list => `${list}.size() > 1`),
    fc.constantFrom(...maps, ...lists, ...bools, 'request.depth').map(field => `has(${field})`),
    fc
      .tuple(fc.constantFrom(...maps), fc.constantFrom('a', 'expand', 'toString'))
      .map(([map, key]) => `has(${map}.${key})`),
    fc.constant('flow.done("POST /cart")'),
    tie('expression').map(one => `!(${one})`),
    fc
      .tuple(tie('expression'), fc.constantFrom('&&', '||'), tie('expression'))
      .map(([a, op, b]) => `(${a}) ${op} (${b})`),
    fc
      .tuple(tie('expression'), tie('expression'), tie('expression'))
      .map(([c, a, b]) => `(${c}) ? (${a}) : (${b})`),
  ),
}))

const record = fc
  .array(fc.tuple(name, word), { maxLength: 4 })
  .map(pairs => Object.assign(Object.create(null), Object.fromEntries(pairs)) as Record<string, string>)
const some = fc.array(word, { maxLength: 3 })
const double = fc.constantFrom(0, -0, 1, 1.5, 120, Number.NaN, Number.POSITIVE_INFINITY)

/** Facts as they are, and such as cannot be told. */
const facts = fc
  .record({
    query: record,
    headers: record,
    roles: some,
    lists: some,
    body: fc.constantFrom<unknown>(null, 'a', { a: 1 }, { constructor: 'a' }, [{ constructor: {} }], {
      b: null,
    }),
    method: word,
    size: double,
    known: fc.boolean(),
    claims: record,
    since: fc.constantFrom(-1, 30, undefined),
    answered: fc.boolean(),
    told: fc.boolean(),
  })
  .map((one): PolicyFacts => {
    const base = buildFacts(
      {
        request: { method: one.method, path: '/orders/7', size: one.size, violations: one.lists },
        identity: { name: one.method, roles: one.roles, claims: one.claims, risk: one.size },
        token: { scopes: one.roles, verified: one.known },
        endpoint: { template: '/orders/{orderId}', known: one.known },
        object: { owner: 'zoe', foreign: one.known },
      },
      { host: 'h', method: 'GET', path: '/' },
    )
    const { response, object, ...asked } = base
    const request = {
      ...base.request,
      query: one.query,
      headers: one.headers,
      body: one.body as PolicyFacts['request']['body'],
      depth: one.told ? 2 : (undefined as unknown as number),
    }
    const flow = { secondsSince: (endpoint: string) => (endpoint === 'POST /cart' ? 30 : one.since) }
    const answer = { ...response!, headers: one.headers, dataClasses: one.lists }
    return { ...asked, request, flow, ...(one.answered ? { response: answer, object } : {}) }
  })

const every = new Set([
  ...['request', 'identity', 'endpoint', 'source', 'token', 'graphql', 'ai', 'response', 'object'],
  ...['now', 'flow'],
])

describe('what is read without the library', () => {
  const engine = new CelEngine()
  const library = new CelEngine({ native: false })
  const said = (by: CelEngine, written: string, type: ExpressionType, of: PolicyFacts): unknown => {
    const result = by.compile(written, type)
    if ('fault' in result) return `fault: ${result.fault.message}`
    try {
      return result.expression.evaluate(by.bind(of, every))
    } catch {
      return 'error'
    }
  }

  test('comes to the same, and fails where the library fails', () => {
    let ran = 0
    fc.assert(
      fc.property(expression, facts, (written, of) => {
        const expected = said(library, written, 'bool', of)
        if (typeof expected === 'boolean' || expected === 'error') ran += 1
        expect([written, said(engine, written, 'bool', of)]).toEqual([written, expected])
      }),
      { numRuns: 1_500 },
    )
    expect(ran).toBeGreaterThan(500)
  })

  test('keys and costs likewise', () => {
    const rows: readonly (readonly [string, ExpressionType])[] = [
      ['request.headers["a"]', 'string'],
      ['identity.name + "/" + request.method', 'string'],
      ['endpoint.known ? identity.name : request.path', 'string'],
      ['request.body.a', 'string'],
      ['request.size / 0.0', 'double'],
      ['request.size * 2.0 + 1.0', 'double'],
      ['size(identity.roles)', 'double'],
      ['flow.secondsSince("POST /login")', 'double'],
    ]
    let ran = 0
    fc.assert(
      fc.property(facts, of => {
        for (const [written, type] of rows) {
          expect([written, said(engine, written, type, of)]).toEqual([
            written,
            said(library, written, type, of),
          ])
          ran += 1
        }
      }),
    )
    expect(ran).toBeGreaterThanOrEqual(100 * rows.length)
  })

  test('is what people write most', () => {
    const native = [
      '"blocked" in identity.roles',
      'request.size > 1000000.0',
      'identity.kind == "anonymous" && request.method != "GET"',
      '"x-debug" in request.headers && !("admin" in identity.roles)',
      '"limit" in request.query && size(request.query["limit"]) > 4',
      'response.status < 300.0 && object.foreign && !(identity.roles.size() > 0)',
      'request.payload != ""',
      'has(request.query.expand) || request.path.matches("^/a")',
      'request.bodyKind in ["json", "form"] && "sku" in request.body',
      '!flow.done("POST /cart")',
    ]
    const foreign = ['"sku" in request.body', 'identity.claims["a"] == "a"', 'identity.roles.all(r, r != "")']
    const known = (written: string) => nativeOf(parse(written).ast, () => () => true) !== undefined
    expect(native.filter(written => !known(written))).toEqual([])
    expect(foreign.filter(known)).toEqual([])
  })

  test('members that callers name as the library would not have them do not make it fail', () => {
    const query: Record<string, string> = Object.assign(Object.create(null), { constructor: '1', a: '2' })
    const base = buildFacts({}, { host: 'h', method: 'GET', path: '/' })
    const body = { constructor: 'x', items: [{ constructor: 1, sku: 'a' }] }
    const of = { ...base, request: { ...base.request, query, body } }
    const rows = [
      '"a" in request.query',
      'request.query.exists(name, name == "a")',
      'request.query["constructor"] == "1"',
      'request.body.items[0].sku == "a"',
      '"constructor" in request.body && !("absent" in request.body)',
      'request.body.items.exists(item, item.sku == "a" && item.constructor == 1.0)',
    ]
    for (const by of [engine, library])
      expect(rows.map(written => [written, said(by, written, 'bool', of)])).toEqual(
        rows.map(written => [written, true]),
      )
  })
})
