import { createHash, createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { Redactor } from '../call/redactor.ts'
import { Enforcement } from '../enforce/enforcement.ts'
import { leadingZeroBits } from '../enforce/proof-of-work.ts'
import { ManualClock } from '../kit/clock.ts'
import { CounterSet } from '../kit/counters.ts'
import type { EndpointId } from '../kit/id.ts'
import type { EndpointAbout } from '../policy/endpoint-about.ts'
import { noTraits } from '../policy/endpoint-about.ts'
import type { GuardedRequest, Verdict } from '../sensors/guard.ts'
import { DecidingGuard } from './deciding-guard.ts'

const start = Date.UTC(2026, 10, 22, 10)
const hour = 3_600_000
const host = 'api.shop.example'
const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const jwt = (claims: object, header: object = {}): string => {
  const content = `${base64url({ alg: 'HS256', typ: 'JWT', ...header })}.${base64url({ sub: 'alice', ...claims })}`
  return `Bearer ${content}.${createHmac('sha256', 'test').update(content).digest('base64url')}`
}

interface Asked {
  readonly method?: string
  readonly target?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly source?: GuardedRequest['source']
  readonly body?: unknown
  readonly answer?: unknown
  readonly status?: number
  readonly answerHeaders?: Readonly<Record<string, string>>
  readonly truncated?: boolean
}

const routes = ['POST /orders', 'GET /orders/{orderId}', 'POST /checkout', 'POST /graphql'].map(name => {
  const [method = '', template = ''] = name.split(' ')
  return { endpoint: `${method} ${host}${template}` as EndpointId, host, method, template }
})
const about = (name: string, more: Partial<EndpointAbout>): EndpointAbout => ({
  ...noTraits,
  endpoint: name.replace(' ', ` ${host}`) as EndpointId,
  ...more,
})

function site(specs: readonly string[], abouts: readonly EndpointAbout[] = [], mode = 'enforce') {
  const clock = new ManualClock(start)
  const enforcement = new Enforcement({ clock, instance: 'test', key: new Uint8Array(32) })
  const policies = specs.map((spec, index) => ({
    name: `p${index}`,
    version: 1,
    source: `apiVersion: sallyport/v1alpha1\nkind: ApiPolicy\nmetadata: { name: p${index} }\nspec: { mode: ${mode}, ${spec} }\n`,
  }))
  expect(enforcement.update({ version: 1, bypass: false, quarantine: [], policies })).toEqual([])
  const guard = new DecidingGuard({
    redactor: new Redactor({ key: new Uint8Array(32) }),
    enforcement,
    hand: () => true,
    counters: new CounterSet(),
    addresses: [{ network: '203.0.113.0/24', country: 'FR', asn: 64_500, name: 'paris', kind: 'hosting' }],
  })
  guard.learn({
    version: 1,
    routes: { version: 1, routes },
    owners: [],
    sessions: { cookies: [], sessions: [] },
  })
  guard.know({ abouts, risks: [['user:alice', 80]] })
  let calls = 0
  const ask = (asked: Asked): Verdict => {
    calls += 1
    const {
      method = 'GET',
      target = '/orders/7',
      headers = {},
      source = { ip: '198.51.100.7' },
      body,
    } = asked
    const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)
    const raw = { bytes: encode(text), size: text.length, truncated: asked.truncated === true }
    const admission = guard.admit({
      id: `c${calls}`,
      time: clock.now(),
      source,
      destination: { host },
      method,
      target,
      httpVersion: '1.1',
      headers: Object.entries({
        'user-agent': 'test/1',
        ...(text === '' ? {} : { 'content-type': 'application/json', 'content-length': String(text.length) }),
        ...headers,
      }),
    })
    let verdict = admission.verdict
    if (admission.needs.requestBody) verdict = admission.decideBody(raw)
    if ((verdict.action !== 'pass' && verdict.action !== 'amend') || asked.answer === undefined)
      return verdict
    if (!admission.needs.response) return verdict
    const answer = typeof asked.answer === 'string' ? asked.answer : JSON.stringify(asked.answer)
    return admission.decideResponse(
      {
        status: asked.status ?? 200,
        headers: Object.entries({ 'content-type': 'application/json', ...asked.answerHeaders }),
      },
      admission.needs.responseBody
        ? { bytes: encode(answer), size: answer.length, truncated: asked.truncated === true }
        : undefined,
    )
  }
  return { ask, clock, enforcement, guard }
}
const bodyOf = (verdict: Verdict): string =>
  verdict.action === 'amend' && verdict.body !== undefined
    ? new TextDecoder().decode(verdict.body)
    : verdict.action

describe('facts of a request as the gateway sees it', () => {
  const alice = { authorization: jwt({}) }
  const schema = {
    types: ['object'] as const,
    closed: true,
    properties: { sku: { types: ['string'] as const } },
  }
  const traits = about('GET /orders/{orderId}', {
    exposure: 'external',
    criticality: 'payment',
    dataClasses: ['email', 'pii'],
    service: 'shop/orders',
    owner: 'payments',
    inventory: 'shadow',
    risk: 70,
    answerFields: [{ field: 'customer.email', classes: ['email', 'pii'] }],
  })
  const order: Asked = { method: 'POST', target: '/orders', body: { sku: 'x', lines: [{ n: 1 }, { n: 2 }] } }
  const rows: readonly (readonly [when: string, asked: Asked])[] = [
    ['source.ip == "198.51.100.7"', {}],
    ['inCidr(source.ip, "198.51.0.0/16") && !inCidr(source.ip, "10.0.0.0/8")', {}],
    [
      'source.country == "FR" && source.asn == 64500.0 && source.network == "paris"',
      { source: { ip: '203.0.113.9' } },
    ],
    ['source.networkKind == "hosting"', { source: { ip: '203.0.113.9' } }],
    [
      'source.workload == "shop/web" && source.serviceAccount == "web" && source.namespace == "shop"',
      { source: { workload: { namespace: 'shop', name: 'web', serviceAccount: 'web' } } },
    ],
    ['source.ja4 == "t13d"', { source: { ja4: 't13d' } }],
    ['token.kind == "bearer-jwt" && token.algorithm == "HS256" && !token.verified', { headers: alice }],
    ['token.kind == ""', {}],
    [
      'token.issuer == "idp" && "shop" in token.audience',
      { headers: { authorization: jwt({ iss: 'idp', aud: 'shop' }) } },
    ],
    ['token.ageSeconds == 60.0', { headers: { authorization: jwt({ iat: start / 1000 - 60 }) } }],
    ['token.ageSeconds > 1.0e9 && token.expiresIn > 1.0e9', { headers: alice }],
    ['token.expiresIn == -5.0', { headers: { authorization: jwt({ exp: start / 1000 - 5 }) } }],
    ['"orders:read" in token.scopes', { headers: { authorization: jwt({ scope: 'orders:read x' }) } }],
    ['"unsigned" in token.oddities', { headers: { authorization: jwt({}, { alg: 'none' }) } }],
    ['!token.senderConstrained', { headers: { authorization: jwt({ cnf: { jkt: 'abc' } }) } }],
    ['identity.risk == 80.0', { headers: alice }],
    ['identity.risk == 0.0', {}],
    [
      'endpoint.exposure == "external" && endpoint.criticality == "payment" && "pii" in endpoint.dataClasses',
      {},
    ],
    ['endpoint.service == "shop/orders" && endpoint.owner == "payments"', {}],
    ['endpoint.inventory == "shadow" && endpoint.risk == 70.0', {}],
    ['request.contentType == "application/json"', order],
    ['request.body.sku == "x" && request.body.lines[1].n == 2.0', order],
    ['request.body.lines.exists(line, line.n > 1.0)', order],
    ['request.depth == 3.0 && request.fields == 6.0', order],
    ['request.bodyKind == "malformed"', { ...order, body: '{"sku":' }],
    ['request.body == null && request.bodyKind == "empty"', {}],
    ['request.violations == ["lines: is not known"]', order],
    [
      'graphql.depth == 2.0 && graphql.aliases == 2.0',
      {
        method: 'POST',
        target: '/graphql',
        body: { query: '{ a: order(id:1) { id } b: order(id:2) { id } }' },
      },
    ],
    [
      'ai.model == "gpt-4o" && ai.maxTokens == 500.0 && "find" in ai.tools',
      {
        method: 'POST',
        target: '/v1/chat/completions',
        body: {
          model: 'gpt-4o',
          max_tokens: 500,
          messages: [{ role: 'user', content: 'x' }],
          tools: [{ type: 'function', function: { name: 'find' } }],
        },
      },
    ],
    [
      'ai.tool == "refund"',
      {
        method: 'POST',
        target: '/mcp',
        body: { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'refund' } },
      },
    ],
    [
      'ai.inputTokens == 31.0 && ai.outputTokens == 12.0',
      {
        method: 'POST',
        target: '/v1/chat/completions',
        body: { model: 'm', messages: [{ role: 'user', content: 'x' }] },
        answer: { usage: { prompt_tokens: 31, completion_tokens: 12 } },
      },
    ],
    ['response.records == 3.0 && response.body.items[0] == 1.0', { answer: { items: [1, 2, 3] } }],
    ['"pii" in response.dataClasses', { answer: { customer: { email: 'a@b.example' } } }],
    ['response.dataClasses == []', { answer: { customer: {} } }],
  ]
  test(`${rows.length} conditions`, () => {
    let ran = 0
    for (const [when, asked] of rows) {
      const { ask } = site(
        [`action: { type: block }, when: ${JSON.stringify(when)}`],
        [traits, about('POST /orders', { requestSchema: schema })],
      )
      expect([when, ask(asked).action]).toEqual([when, 'block'])
      ran += 1
    }
    expect(ran).toBe(34)
  })

  test('matches by what the catalog says', () => {
    const match = 'services: ["*orders"], exposure: [external], criticality: [payment], dataClasses: [pii]'
    const spec = `action: { type: block }, match: { ${match} }`
    expect(site([spec], [traits]).ask({}).action).toBe('block')
    expect(site([spec], [{ ...traits, dataClasses: [] }]).ask({}).action).toBe('pass')
    expect(site([spec]).ask({}).action).toBe('pass')
    const workload = site(['action: { type: block }, match: { workloads: ["shop/*"] }'])
    expect(workload.ask({ source: { workload: { namespace: 'shop', name: 'web' } } }).action).toBe('block')
    expect(workload.ask({}).action).toBe('pass')
  })

  test('a body that cannot be read is a fault, which onError decides', () => {
    const spec = `action: { type: block }, when: 'request.body.sku == "x"'`
    const cut: Asked = { ...order, body: '{"sku":"x"', truncated: true }
    expect(site([spec]).ask(cut).action).toBe('pass')
    expect(site([`onError: deny, ${spec}`]).ask(cut)).toMatchObject({ action: 'block', status: 503 })
    const wide: Asked = { ...order, body: { sku: 'x', list: Array.from({ length: 6000 }, () => 0) } }
    expect(site([`onError: deny, ${spec}`]).ask(wide)).toMatchObject({ status: 503 })
    expect(site([`action: { type: block }, when: 'request.fields >= 5000.0'`]).ask(wide).action).toBe('block')
  })
})

describe('what policies change', () => {
  const answer = { id: 12345678901, card: '4111111111111111', owner: { email: 'a@b.example', age: 3 } }
  const described = about('GET /orders/{orderId}', {
    answerFields: [{ field: 'owner.email', classes: ['email', 'pii'] }],
  })

  test('masks fields and classes of data in one go, with the headers of tags', () => {
    const { ask, enforcement } = site(
      [
        'action: { type: mask, fields: ["/card"] }',
        'action: { type: mask, dataClasses: [pii] }',
        'phase: response, action: { type: tag, header: X-Masked, value: "yes" }',
      ],
      [described],
    )
    const verdict = ask({ answer })
    expect(verdict).toMatchObject({ action: 'amend', policy: 'p0', headers: [['x-masked', 'yes']] })
    expect(JSON.parse(bodyOf(verdict))).toEqual({ ...answer, card: '***', owner: { email: '***', age: 3 } })
    expect(enforcement.drainDecisions().map(({ action, policy }) => [policy, action])).toEqual([
      ['p0', 'mask'],
      ['p1', 'mask'],
      ['p2', 'tag'],
    ])
  })

  test('an answer that cannot be changed follows onError', () => {
    const mask = 'action: { type: mask, fields: ["/card"] }'
    const cut: Asked = { answer: JSON.stringify(answer), truncated: true }
    const lenient = site([mask])
    expect(lenient.ask(cut).action).toBe('pass')
    expect(lenient.enforcement.counters.toJSON()).toMatchObject({ sallyport_amendments_skipped_total: 1 })
    expect(site([`onError: deny, ${mask}`]).ask(cut)).toMatchObject({ action: 'block', status: 503 })
    expect(site([mask]).ask({ answer: { other: 1 } }).action).toBe('pass')
    expect(
      site([mask]).ask({ answer: 'plain', answerHeaders: { 'content-type': 'text/plain' } }).action,
    ).toBe('pass')
  })

  test('strips what is unknown, read-only or named', () => {
    const body = { sku: 'x', role: 'admin', nested: { id: 5, ok: 1 } }
    const schema = {
      closed: true,
      properties: { sku: {}, nested: { properties: { id: { readOnly: true }, ok: {} } } },
    }
    const stripped = (strip: string): string =>
      bodyOf(
        site([`action: { type: strip, ${strip} }`], [about('POST /orders', { requestSchema: schema })]).ask({
          method: 'POST',
          target: '/orders',
          body,
        }),
      )
    expect(stripped('unknown: true')).toBe('{"sku":"x","nested":{"id":5,"ok":1}}')
    expect(stripped('readOnly: true')).toBe('{"sku":"x","role":"admin","nested":{"ok":1}}')
    expect(stripped('fields: ["/nested/*", "/sku"]')).toBe('{"role":"admin","nested":{}}')
    expect(stripped('fields: ["/other"]')).toBe('pass')
  })

  test('tags a request on its way', () => {
    const { ask } = site([`action: { type: tag, header: x-risk, value: high }, when: 'identity.risk > 50.0'`])
    expect(ask({ headers: { authorization: jwt({}) } })).toMatchObject({
      action: 'amend',
      headers: [['x-risk', 'high']],
    })
    expect(ask({}).action).toBe('pass')
  })

  test('only records in shadow', () => {
    const { ask, enforcement } = site(['action: { type: mask, fields: ["/card"] }'])
    enforcement.update({
      version: 2,
      bypass: false,
      quarantine: [],
      policies: [
        {
          name: 'p',
          version: 2,
          source:
            'apiVersion: sallyport/v1alpha1\nkind: ApiPolicy\nmetadata: { name: p }\nspec: { action: { type: mask, fields: ["/card"] } }\n',
        },
      ],
    })
    expect(ask({ answer }).action).toBe('pass')
    expect(enforcement.drainDecisions()).toMatchObject([{ action: 'mask', mode: 'shadow', acted: false }])
  })

  test('records in shadow what it would have changed, and nothing else', () => {
    const cut: Asked = { answer: JSON.stringify(answer), truncated: true }
    const rows: readonly (readonly [policy: string, asked: Asked, noted: number])[] = [
      ['action: { type: mask, fields: ["/card"] }', { answer }, 1],
      ['action: { type: mask, fields: ["/card"] }', { answer: { other: 1 } }, 0],
      ['action: { type: mask, fields: ["/card"] }', cut, 0],
      ['onError: deny, action: { type: mask, fields: ["/card"] }', cut, 1],
      ['action: { type: strip, fields: ["/role"] }', { method: 'POST', body: { role: 'admin' } }, 1],
      ['action: { type: strip, fields: ["/role"] }', { method: 'POST', body: { sku: 'x' } }, 0],
    ]
    for (const [policy, asked, noted] of rows) {
      const { ask, enforcement } = site([policy], [], 'shadow')
      expect([policy, ask(asked).action]).toEqual([policy, 'pass'])
      expect([policy, enforcement.drainDecisions().length]).toEqual([policy, noted])
    }
    expect(rows).toHaveLength(6)
  })
})

describe('what callers are asked for', () => {
  test('a step-up names what is needed, and lets pass who shows it', () => {
    const { ask } = site(['action: { type: challenge, kind: step-up, acrValues: [mfa], maxAge: 300 }'])
    expect(ask({ headers: { authorization: jwt({}) } })).toMatchObject({
      action: 'challenge',
      status: 401,
      headers: [
        [
          'www-authenticate',
          'Bearer error="insufficient_user_authentication", error_description="A different authentication is required", acr_values="mfa", max_age="300"',
        ],
      ],
    })
    const fresh = jwt({ acr: 'mfa', auth_time: start / 1000 - 299 })
    expect(ask({ headers: { authorization: fresh } }).action).toBe('pass')
    const stale = jwt({ acr: 'mfa', auth_time: start / 1000 - 301 })
    expect(ask({ headers: { authorization: stale } }).action).toBe('challenge')
  })

  test('a proof of work passes its caller', () => {
    const { ask } = site(['action: { type: challenge, kind: proof-of-work, difficulty: 8 }'])
    const verdict = ask({})
    const [[, value = ''] = []] = 'headers' in verdict ? (verdict.headers ?? []) : []
    const challenge = /challenge="([^"]+)"/.exec(value)?.[1] ?? ''
    let nonce = 0
    while (leadingZeroBits(createHash('sha256').update(`${challenge}.${nonce}`).digest()) < 8) nonce += 1
    const headers = { 'x-sallyport-proof': `${challenge}.${nonce}` }
    expect(ask({ headers }).action).toBe('pass')
    expect(ask({ headers, source: { ip: '192.0.2.1' } }).action).toBe('challenge')
  })
})

describe('budgets', () => {
  test('by a key out of the body, and by cost', () => {
    const spec =
      'action: { type: throttle, budget: 10, windowSeconds: 60, key: request.body.card, cost: request.body.amount }'
    const { ask } = site([spec])
    const pay = (card: string | undefined, amount: number): string =>
      ask({ method: 'POST', target: '/checkout', body: { card, amount } }).action
    expect([pay('a', 6), pay('a', 6), pay('b', 6), pay('a', 4), pay('b', 11)]).toEqual([
      'pass',
      'throttle',
      'pass',
      'pass',
      'throttle',
    ])
    // Nothing to count by is a fault, and a fault is no match.
    expect(pay(undefined, 100)).toBe('pass')
  })

  test('what only the answer tells refuses the next request', () => {
    const { ask, clock } = site([
      'action: { type: throttle, budget: 100, windowSeconds: 60, cost: ai.inputTokens + ai.outputTokens }',
    ])
    const chat = (tokens: number): string =>
      ask({
        method: 'POST',
        target: '/v1/chat/completions',
        body: { model: 'm', messages: [{ role: 'user', content: 'x' }] },
        answer: { usage: { prompt_tokens: 0, completion_tokens: tokens } },
      }).action
    expect([chat(60), chat(60), chat(1)]).toEqual(['pass', 'pass', 'throttle'])
    clock.advance(13_000)
    expect(chat(1)).toBe('pass')
  })
})

test('a sequence is guarded once it can be told what was not done', () => {
  const { ask, clock, enforcement } = site([
    `phase: flow, match: { endpoints: ["POST /checkout"] }, when: '!flow.done("POST /orders")', action: { type: block }`,
  ])
  const headers = { authorization: jwt({}) }
  const checkout = (): string => ask({ method: 'POST', target: '/checkout', headers }).action
  expect(checkout()).toBe('pass')
  expect(enforcement.counters.toJSON()).toMatchObject({ sallyport_policy_flow_unknown_total: 1 })
  clock.advance(hour)
  expect(checkout()).toBe('block')
  ask({ method: 'POST', target: '/orders', headers, answer: {}, status: 500 })
  expect(checkout()).toBe('block')
  ask({ method: 'POST', target: '/orders', headers, answer: {} })
  expect(checkout()).toBe('pass')
  clock.advance(hour + 1000)
  expect(checkout()).toBe('block')
})

describe('who is exempt, and who is shut out', () => {
  test('an exception sets aside what it names, until it ends', () => {
    const rules = `action: { type: block }, when: 'true'`
    const exception = (more: string): string =>
      `owner: payments, expiresAt: 2026-11-23, action: { type: allow${more} }, when: 'identity.name == "alice"'`
    const headers = { authorization: jwt({}) }
    const all = site([rules, exception('')])
    expect([all.ask({ headers }).action, all.ask({}).action]).toEqual(['pass', 'block'])
    all.clock.advance(24 * hour)
    expect(all.ask({ headers }).action).toBe('block')
    expect(site([rules, exception(', policies: [p0]')]).ask({ headers }).action).toBe('pass')
    expect(site([rules, exception(', policies: [other]')]).ask({ headers }).action).toBe('block')
  })

  test('an address is never shut out', () => {
    const { ask, enforcement } = site([
      `action: { type: quarantine, target: device }, when: 'request.query["attack"] == "1"'`,
    ])
    expect(ask({ target: '/orders/7?attack=1', headers: { 'user-agent': '' } }).action).toBe('block')
    const known = site([
      `action: { type: quarantine, target: device }, when: 'request.query["attack"] == "1"'`,
    ])
    expect(known.ask({ target: '/orders/7?attack=1' }).action).toBe('block')
    expect(known.ask({}).action).toBe('block')
    expect(known.enforcement.drainQuarantines()).toMatchObject([{ kind: 'device' }])
    expect(enforcement.drainQuarantines().every(({ kind }) => kind === 'device')).toBe(true)
  })

  test('a canary acts for its share, always the same, and a larger share holds the smaller', () => {
    const blocked = (percent: number): ReadonlySet<number> => {
      const { ask, enforcement } = site([])
      enforcement.update({
        version: 2,
        bypass: false,
        quarantine: [],
        policies: [
          {
            name: 'p',
            version: 2,
            source: `apiVersion: sallyport/v1alpha1\nkind: ApiPolicy\nmetadata: { name: p }\nspec: { mode: canary, canary: { percent: ${percent} }, action: { type: block } }\n`,
          },
        ],
      })
      const callers = Array.from({ length: 400 }, (_, caller) => caller)
      return new Set(
        callers.filter(
          caller => ask({ headers: { authorization: jwt({ sub: `u${caller}` }) } }).action === 'block',
        ),
      )
    }
    const [few, many] = [blocked(10), blocked(50)]
    expect(few).toEqual(blocked(10))
    expect([...few].every(caller => many.has(caller))).toBe(true)
    expect(few.size).toBeGreaterThan(20)
    expect(few.size).toBeLessThan(70)
    expect(many.size).toBeGreaterThan(150)
    expect(many.size).toBeLessThan(250)
    expect(blocked(100).size).toBe(400)
  })
})
