import { CelScalar, celEnv, celFunc, celMethod, mapType, parse as parseCel, plan } from '@bufbuild/cel'
import { describe, expect, test } from 'vitest'
import { CelEngine } from './cel-engine.ts'
import { inCidr } from './cidr.ts'
import { factFields } from './fact-fields.ts'
import { buildFacts } from './facts-builder.ts'

/** Expression and what it comes to; `error` where CEL says evaluation fails. */
const table: readonly (readonly [string, boolean | 'error'])[] = [
  ['request.method == "GET"', true],
  ['request.method != "GET"', false],
  ['request.method in ["GET", "HEAD"]', true],
  ['request.method in []', false],
  ['request.path.startsWith("/orders")', true],
  ['request.path.endsWith("7")', true],
  ['request.path.contains("//")', false],
  ['request.path.matches("^/orders/[0-9]+$")', true],
  ['request.path.matches("orders")', true],
  ['request.size > 100.0', true],
  ['request.size >= 120.0 && request.size <= 120.0', true],
  ['request.size * 2.0 == 240.0', true],
  ['request.size - 20.0 < 100.0', false],
  ['request.size / 2.0 == 60.0', true],
  ['-request.size < 0.0', true],
  ['request.query["expand"] == "items"', true],
  ['request.query.expand == "items"', true],
  ['"expand" in request.query', true],
  ['"absent" in request.query', false],
  ['has(request.query.expand)', true],
  ['has(request.query.absent)', false],
  ['request.query["absent"] == "x"', 'error'],
  ['request.query["absent"] == "x" || true', true],
  ['request.query["absent"] == "x" && false', false],
  ['has(request.query.absent) && request.query.absent == "x"', false],
  ['size(request.query) == 1', true],
  ['size(request.method) == 3', true],
  ['request.headers["x-tag"] == "ä€"', true],
  ['size(request.headers["x-tag"]) == 2', true],
  ['"admin" in identity.roles', true],
  ['!("support" in identity.roles)', true],
  ['identity.roles.exists(role, role.startsWith("adm"))', true],
  ['identity.roles.all(role, role != "")', true],
  ['identity.roles.exists_one(role, role == "admin")', true],
  ['identity.roles.filter(role, role == "user").size() == 1', true],
  ['size(identity.roles) == 2', true],
  ['identity.roles[0] == "admin"', true],
  ['identity.roles[9] == "admin"', 'error'],
  ['identity.claims["age"] > 18.0', true],
  ['identity.claims["scope"] == "read"', true],
  ['identity.claims["absent"] == "x"', 'error'],
  ['identity.tenant == "acme" ? identity.confidence > 0.5 : false', true],
  ['identity.name + "@" + identity.tenant == "alice@acme"', true],
  ['response.status < 300.0 && object.foreign', true],
  ['response.status >= 500.0 || object.foreignTenant', false],
  ['object.owner != identity.name', true],
  ['object.owner < identity.name', false],
  ['endpoint.known && endpoint.template == "/orders/{orderId}"', true],
  ['endpoint.params["orderId"] == "7"', true],
  ['now.hour < 6.0 || now.hour >= 22.0', true],
  ['now.weekday == 0.0', true],
  ['double("1.5") == 1.5', true],
  ['int("12") == 12', true],
  ['int("x") == 12', 'error'],
  ['1 / 0 == 1', 'error'],
  ['string(12) == "12"', true],
  ['timestamp("2026-01-01T00:00:00Z") < timestamp("2026-01-02T00:00:00Z")', true],
  ['duration("90s") > duration("1m")', true],
  ['[1, 2, 3].map(n, n * 2) == [2, 4, 6]', true],
  ['{"a": 1}["a"] == 1', true],
  ['"constructor" in request.query', false],
  ['has(request.query.toString)', false],
  ['request.headers["__proto__"] == ""', 'error'],
  ['request.contentType == "application/json" && request.bodyKind == "json"', true],
  ['request.body.items[0].price == 9.5', true],
  ['request.body["items"].size() == 2', true],
  ['request.body.items.exists(item, item.price > 9.0)', true],
  ['request.body.items.all(item, item.sku != "")', true],
  ['request.body.items.filter(item, item.sku == "b").size() == 1', true],
  ['request.body.note == null', true],
  // Whether a member that is null is there (has, in) is the one thing found that they answer differently: ours says yes, the twin no.
  ['has(request.body.absent)', false],
  ['request.host == "api.shop.example" && request.payload == ""', true],
  ['identity.principal == "user:alice" && identity.kind != "service"', true],
  ['endpoint.id.startsWith("GET ") && endpoint.operation == ""', true],
  ['response.size == 0.0 && size(response.headers) == 0', true],
  ['object.tenant == identity.tenant', false],
  ['request.body.absent == 1.0', 'error'],
  ['"items" in request.body', true],
  ['"constructor" in request.body', false],
  ['request.body.paid', true],
  ['request.body.items[0].price > request.body.items[1].price', true],
  ['request.depth == 3.0 && request.fields == 9.0', true],
  ['size(request.violations) == 1 && request.violations[0].startsWith("role")', true],
  ['identity.risk >= 80.0', true],
  ['endpoint.exposure == "external" && endpoint.criticality in ["payment", "admin"]', true],
  ['"pii" in endpoint.dataClasses && !("pci" in endpoint.dataClasses)', true],
  ['endpoint.inventory == "shadow" || endpoint.risk > 90.0', true],
  ['endpoint.service.endsWith("/orders") && endpoint.owner == "payments"', true],
  ['inCidr(source.ip, "203.0.113.0/24")', true],
  ['inCidr(source.ip, "10.0.0.0/8")', false],
  ['inCidr(source.ip, "2001:db8::/32")', false],
  ['source.country == "FR" && source.asn == 64500.0', true],
  ['source.network == "paris" && source.networkKind != "vpn"', true],
  ['source.workload == "shop/web" && source.serviceAccount == "web" && source.namespace == "shop"', true],
  ['source.ja4.startsWith("t13d")', true],
  ['token.kind == "bearer-jwt" && token.algorithm in ["ES256"]', true],
  ['token.issuer == "idp" && "shop" in token.audience', true],
  ['token.ageSeconds < 3600.0 && token.expiresIn > 0.0', true],
  ['token.senderConstrained && !token.verified', true],
  ['token.scopes.exists(scope, scope == "read")', true],
  ['size(token.oddities) == 0', true],
  ['graphql.depth > 5.0 || graphql.aliases * 2.0 == 8.0 || graphql.complexity > 99.0', true],
  ['ai.model == "gpt-4o" && ai.maxTokens <= 4000.0', true],
  ['ai.tool == "search" && ai.tools.all(tool, tool in ["search", "find"])', true],
  ['ai.inputTokens + ai.outputTokens == 43.0', true],
  ['response.records == 2.0 && response.body[0].id == 1.0', true],
  ['"email" in response.dataClasses', true],
  ['flow.done("POST /cart")', true],
  ['flow.done("POST /login")', false],
  ['flow.secondsSince("POST /cart") < 60.0', true],
  ['flow.secondsSince("POST /login") == -1.0', true],
]

const facts = buildFacts(
  {
    request: {
      size: 120,
      path: '/orders/7',
      query: { expand: 'items' },
      headers: { 'x-tag': 'ä€', 'content-type': 'Application/JSON; charset=utf-8' },
      body: {
        items: [
          { sku: 'a', price: 9.5 },
          { sku: 'b', price: 1 },
        ],
        note: null,
        paid: true,
      },
      violations: ['role: is not known'],
    },
    identity: {
      name: 'alice',
      tenant: 'acme',
      roles: ['admin', 'user'],
      claims: { age: 20, scope: 'read' },
      risk: 80,
    },
    endpoint: {
      template: '/orders/{orderId}',
      params: { orderId: '7' },
      known: true,
      exposure: 'external',
      criticality: 'payment',
      dataClasses: ['email', 'pii'],
      inventory: 'shadow',
      risk: 70,
      service: 'shop/orders',
      owner: 'payments',
    },
    source: {
      ip: '203.0.113.9',
      country: 'FR',
      asn: 64_500,
      network: 'paris',
      networkKind: 'hosting',
      workload: 'shop/web',
      serviceAccount: 'web',
      namespace: 'shop',
      ja4: 't13d1516',
    },
    token: {
      kind: 'bearer-jwt',
      algorithm: 'ES256',
      issuer: 'idp',
      audience: ['shop'],
      ageSeconds: 60,
      expiresIn: 600,
      senderConstrained: true,
      scopes: ['read'],
    },
    graphql: { depth: 3, aliases: 4, complexity: 20 },
    ai: {
      model: 'gpt-4o',
      tool: 'search',
      tools: ['search', 'find'],
      maxTokens: 500,
      inputTokens: 31,
      outputTokens: 12,
    },
    flow: { 'POST /cart': 30 },
    response: { status: 200, body: [{ id: 1 }, { id: 2 }], dataClasses: ['email', 'pii'] },
    object: { owner: 'zoe', foreign: true },
    now: { hour: 3, weekday: 0 },
  },
  { host: 'api.shop.example', method: 'GET', path: '/' },
)

describe('two implementations of CEL agree', () => {
  const engine = new CelEngine()
  const bound = engine.bind(facts, new Set(Object.keys(facts)))
  const { STRING, BOOL, DOUBLE, DYN } = CelScalar
  const flow = mapType(STRING, DYN)
  const since = (endpoint: string): number => facts.flow.secondsSince(endpoint) ?? Number.NaN
  const environment = celEnv({
    funcs: [
      celFunc('inCidr', [STRING, STRING], BOOL, inCidr),
      celMethod('done', flow, [STRING], BOOL, endpoint => since(endpoint) >= 0),
      celMethod('secondsSince', flow, [STRING], DOUBLE, since),
    ],
  })

  const library = new CelEngine({ native: false })

  const ours = (text: string, by = engine): boolean | 'error' => {
    const result = by.compile(text)
    if ('fault' in result) throw new Error(`${text}: ${result.fault.message}`)
    try {
      return result.expression.evaluate(bound)
    } catch {
      return 'error'
    }
  }
  const twin = (text: string): unknown => {
    const value: unknown = plan(environment, parseCel(text))({ ...facts, flow: {} } as never)
    return typeof value === 'boolean' ? value : 'error'
  }

  test(`${table.length} expressions`, () => {
    let ran = 0
    for (const [text, expected] of table) {
      expect([text, ours(text)]).toEqual([text, expected])
      expect([text, ours(text, library)]).toEqual([text, expected])
      expect([text, twin(text)]).toEqual([text, expected])
      ran += 1
    }
    expect(ran).toBe(table.length)
    expect(ran).toBeGreaterThanOrEqual(100)
  })

  test('every fact is in the table', () => {
    const named = table.map(([text]) => text).join('\n')
    const missing = Object.entries(factFields).flatMap(([root, fields]) =>
      Object.keys(fields).flatMap(field => (named.includes(`${root}.${field}`) ? [] : [`${root}.${field}`])),
    )
    expect(missing).toEqual([])
  })
})
