import { celEnv, parse as parseCel, plan } from '@bufbuild/cel'
import { describe, expect, test } from 'vitest'
import { CelEngine } from './cel-engine.ts'
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
]

const facts = buildFacts(
  {
    request: { size: 120, path: '/orders/7', query: { expand: 'items' }, headers: { 'x-tag': 'ä€' } },
    identity: { name: 'alice', tenant: 'acme', roles: ['admin', 'user'], claims: { age: 20, scope: 'read' } },
    endpoint: { template: '/orders/{orderId}', params: { orderId: '7' }, known: true },
    response: { status: 200 },
    object: { owner: 'zoe', foreign: true },
    now: { hour: 3, weekday: 0 },
  },
  { host: 'api.shop.example', method: 'GET', path: '/' },
)

describe('two implementations of CEL agree', () => {
  const engine = new CelEngine()
  const bound = engine.bind(facts, new Set(Object.keys(facts)))
  const environment = celEnv()

  const ours = (text: string): boolean | 'error' => {
    const result = engine.compile(text)
    if ('fault' in result) throw new Error(`${text}: ${result.fault.message}`)
    try {
      return result.expression.evaluate(bound)
    } catch {
      return 'error'
    }
  }
  const twin = (text: string): unknown => {
    const value: unknown = plan(environment, parseCel(text))(facts as never)
    return typeof value === 'boolean' ? value : 'error'
  }

  test(`${table.length} expressions`, () => {
    let ran = 0
    for (const [text, expected] of table) {
      expect([text, ours(text)]).toEqual([text, expected])
      expect([text, twin(text)]).toEqual([text, expected])
      ran += 1
    }
    expect(ran).toBeGreaterThanOrEqual(40)
  })
})
