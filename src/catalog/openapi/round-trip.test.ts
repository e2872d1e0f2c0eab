import { readFileSync } from 'node:fs'
import { Validator } from '@seriousme/openapi-schema-validator'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ApiCall } from '../../call/api-call.ts'
import { isRejection, parseEventLine } from '../../call/event-line.ts'
import { Redactor } from '../../call/redactor.ts'
import { evidenceOf, identify } from '../../identity/identify.ts'
import { SessionDirectory } from '../../identity/session-directory.ts'
import { Catalog } from '../catalog.ts'
import { Drift } from '../spec/drift.ts'
import { parseSpecification } from '../spec/parse.ts'
import type { Specification } from '../spec/specification.ts'
import { exportOpenApi } from './export.ts'

const redactor = new Redactor({ key: Buffer.alloc(32, 1) })

function read(lines: readonly string[]): readonly ApiCall[] {
  return lines.flatMap((line, index) => {
    const event = parseEventLine(line, 'test', index + 1, redactor)
    return isRejection(event) || event.type !== 'call' ? [] : [event]
  })
}

function learned(calls: readonly ApiCall[], specifications: readonly Specification[] = []) {
  const catalog = new Catalog()
  catalog.specify(specifications)
  const drift = new Drift()
  catalog.onMerge((from, to) => drift.merged(from, to))
  const sessions = new SessionDirectory()
  for (const heard of calls) {
    const identity = identify(evidenceOf(heard), sessions)
    sessions.observe(heard, identity)
    for (const { call, match } of catalog.observeAll(heard, identity))
      drift.observe(call, match, catalog.boundOf(match.endpoint))
  }
  const endpoints = catalog.endpoints()
  return {
    endpoints,
    findings: drift.findings(endpoints, id => catalog.boundOf(id)),
    orphans: catalog.orphans(),
  }
}

/** Everything that the same traffic gives beside its own export. */
async function roundTrip(calls: readonly ApiCall[]) {
  const before = learned(calls)
  const document = exportOpenApi(before.endpoints, { candidates: true })
  const { valid, errors } = await new Validator().validate(
    structuredClone(document) as Record<string, unknown>,
  )
  if (!valid) throw new Error(JSON.stringify(errors).slice(0, 2_000))
  const { specification, problems } = parseSpecification(JSON.stringify(document), 'export')
  if (specification === undefined) throw new Error(problems[0]?.message)
  const after = learned(calls, [specification])
  return {
    document,
    specification,
    said: [
      ...problems.map(({ message }) => message),
      ...after.findings.map(({ rule, title, endpoint }) => `${rule} ${title} @${endpoint}`),
      ...after.orphans.map(({ bound, host }) => `orphan ${bound.operation.method} ${host}${bound.template}`),
      ...after.endpoints
        .filter(({ inventory }) => inventory === 'shadow' || inventory === 'zombie')
        .map(({ id, inventory }) => `${inventory} ${id}`),
    ],
  }
}

interface Exchange {
  readonly host: string
  readonly method: string
  readonly target: string
  readonly body?: unknown
  readonly status: number
  readonly answer?: unknown
  readonly token: string | undefined
}

const lineOf = (one: Exchange, index: number): string =>
  JSON.stringify({
    id: `c-${index}`,
    time: 1_800_000_000_000 + index * 1_000,
    destination: { host: one.host },
    request: {
      method: one.method,
      target: one.target,
      headers: [
        ...(one.token === undefined ? [] : [['authorization', `Bearer ${one.token}-of-a-caller-0001`]]),
        ...(one.body === undefined ? [] : [['content-type', 'application/json']]),
      ],
      ...(one.body === undefined ? {} : { body: JSON.stringify(one.body) }),
    },
    response: {
      status: one.status,
      headers: [['content-type', 'application/json']],
      ...(one.answer === undefined ? {} : { body: JSON.stringify(one.answer) }),
    },
  })

const name = fc.constantFrom(
  'id',
  'state',
  'filter.name',
  'page[size]',
  'ids[]',
  'x-y',
  'größe',
  '$ref',
  'a b',
  'type',
)
const scalar = fc.oneof(
  fc.nat(1_000),
  fc.boolean(),
  fc.constantFrom('open', 'paid', '2026-01-31', '', 'ada@shop.example'),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -10, max: 10 }),
  fc.constant(null),
)
const { body } = fc.letrec<{ body: unknown }>(tie => ({
  body: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalar,
    fc.dictionary(name, tie('body'), { maxKeys: 4 }),
    fc.array(tie('body'), { maxLength: 3 }),
  ),
}))
const path = fc
  .tuple(
    fc.constantFrom('/orders', '/v1/orders', '/users', '/shops/eu/orders'),
    fc.option(fc.oneof(fc.nat(60).map(String), fc.uuid()), { nil: undefined }),
    fc.option(fc.constantFrom('items', 'cancel', 'a%20b'), { nil: undefined }),
  )
  .map(parts => parts.filter(part => part !== undefined).join('/'))
const query = fc
  .array(fc.tuple(name, fc.constantFrom('1', 'open', 'a,b', '')), { maxLength: 3 })
  .map(pairs =>
    pairs.length === 0
      ? ''
      : `?${new URLSearchParams(pairs.map(([key = '', value = '']) => [key, value] as [string, string])).toString()}`,
  )
const exchange: fc.Arbitrary<Exchange> = fc
  .record({
    host: fc.constantFrom('api.example', 'shop.example:8443', 'eu.example'),
    method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
    path,
    query,
    body: fc.option(body, { nil: undefined }),
    status: fc.constantFrom(200, 200, 200, 201, 204, 302, 400, 404, 500),
    answer: fc.option(body, { nil: undefined }),
    token: fc.constantFrom('opaque-token', 'other-token'),
  })
  .map(({ path: at, query: text, body: sent, answer, ...rest }) => ({
    ...rest,
    // What strangers send to an operation that others call with a credential is learned apart, and not told.
    token: rest.host === 'eu.example' ? undefined : rest.token,
    target: `${at}${text}`,
    ...(sent === undefined || rest.method === 'GET' ? {} : { body: sent }),
    ...(answer === undefined || rest.status === 204 ? {} : { answer }),
  }))

describe('an exported catalog, given back as a specification', () => {
  it('is what the same traffic keeps to, whatever the traffic was', async () => {
    let operations = 0
    await fc.assert(
      fc.asyncProperty(fc.array(exchange, { minLength: 1, maxLength: 40 }), async exchanges => {
        const { said, specification } = await roundTrip(read(exchanges.map(lineOf)))
        operations += specification.operations.length
        expect(said).toEqual([])
      }),
      { numRuns: 30 },
    )
    expect(operations).toBeGreaterThan(40)
  }, 120_000)

  it('is what a recording of a shop keeps to', async () => {
    const lines = readFileSync(
      new URL('../../../test/fixtures/shop-recording.jsonl', import.meta.url),
      'utf8',
    )
    const { said, specification } = await roundTrip(read(lines.split('\n').filter(line => line !== '')))
    expect(specification.operations.length).toBeGreaterThan(1)
    expect(said).toEqual([])
  }, 60_000)

  it('keeps hosts apart that share a path', async () => {
    const calls = read(
      Array.from({ length: 24 }, (_, index) =>
        lineOf(
          {
            host: index % 2 === 0 ? 'a.example' : 'b.example',
            method: index % 4 === 3 ? 'POST' : 'GET',
            target: index % 3 === 0 ? '/health' : '/orders?filter.state=open',
            status: 200,
            answer: { ok: true },
            token: 'opaque-token',
          },
          index,
        ),
      ),
    )
    const { said, document } = await roundTrip(calls)
    expect(said).toEqual([])
    expect(JSON.stringify(document)).toContain('filter.state')
  })

  it('refers from a schema to itself where its objects hold their own kind', async () => {
    const comment = (depth: number): object => ({
      id: depth,
      text: 'a',
      replies: depth === 0 ? [] : [comment(depth - 1), comment(depth - 1)],
    })
    const calls = read(
      Array.from({ length: 30 }, (_, index) =>
        lineOf(
          {
            host: 'a.example',
            method: 'GET',
            target: `/posts/${index}/comments`,
            status: 200,
            answer: { comments: [comment(5)] },
            token: 'opaque-token',
          },
          index,
        ),
      ),
    )
    const { said, document } = await roundTrip(calls)
    expect(said).toEqual([])
    const { components } = document as {
      components: { schemas: Record<string, { properties: Record<string, unknown> }> }
    }
    expect(Object.keys(components.schemas)).toEqual(['Comments'])
    expect(components.schemas.Comments?.properties.replies).toMatchObject({
      type: 'array',
      items: { $ref: '#/components/schemas/Comments' },
    })
  })
})

describe('labels', () => {
  it('stand with the operation that they are of', () => {
    const label = (value: string) => ({ value, from: 'rule' as const, why: 'rule a' })
    const endpoints = learned(
      read(
        Array.from({ length: 6 }, (_, index) =>
          lineOf(
            { host: 'a.example', method: 'GET', target: '/orders', status: 200, token: 'opaque-token' },
            index,
          ),
        ),
      ),
    ).endpoints.map(endpoint => ({
      ...endpoint,
      labels: {
        owner: label('orders team'),
        environment: label('production'),
        group: label('shop'),
        tags: [label('b'), label('a')],
        criticality: label('high'),
        flows: [],
      },
    }))
    const document = exportOpenApi(endpoints) as { paths: Record<string, { get: object }> }
    expect(document.paths['/orders']?.get).toMatchObject({
      'x-sallyport-owner': 'orders team',
      'x-sallyport-environment': 'production',
      'x-sallyport-group': 'shop',
      'x-sallyport-tags': ['a', 'b'],
      'x-sallyport-criticality': 'high',
    })
  })
})
