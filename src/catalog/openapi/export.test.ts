import { Validator } from '@seriousme/openapi-schema-validator'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isRejection, parseEventLine } from '../../call/event-line.ts'
import { Redactor } from '../../call/redactor.ts'
import { evidenceOf, identify } from '../../identity/identify.ts'
import { SessionDirectory } from '../../identity/session-directory.ts'
import type { EndpointId } from '../../kit/id.ts'
import { Catalog } from '../catalog.ts'
import type { Endpoint } from '../endpoint.ts'
import { exportOpenApi } from './export.ts'

interface Line {
  readonly host?: string
  readonly method?: string
  readonly target: string
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: unknown
  readonly form?: string
  readonly status?: number
  readonly answer?: unknown
  readonly answerType?: string
}

/** Learns from event lines the way recordings are read. */
function learned(lines: readonly Line[]): readonly Endpoint[] {
  const redactor = new Redactor({ key: Buffer.alloc(32, 1) })
  const sessions = new SessionDirectory()
  const catalog = new Catalog()
  lines.forEach((line, index) => {
    const { body, form, answer } = line
    const event = parseEventLine(
      JSON.stringify({
        id: `c-${index}`,
        time: 1_800_000_000_000 + index * 1_000,
        destination: { host: line.host ?? 'api.example' },
        request: {
          method: line.method ?? 'GET',
          target: line.target,
          headers: [
            ['authorization', 'Bearer opaque-token-of-a-caller-0001'],
            ...(body === undefined ? [] : [['content-type', 'application/json']]),
            ...(form === undefined ? [] : [['content-type', 'application/x-www-form-urlencoded']]),
            ...(line.headers ?? []),
          ],
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          ...(form === undefined ? {} : { body: form }),
        },
        response: {
          status: line.status ?? 200,
          headers: [['content-type', line.answerType ?? 'application/json']],
          ...(answer === undefined
            ? {}
            : { body: typeof answer === 'string' ? answer : JSON.stringify(answer) }),
        },
      }),
      'test',
      index + 1,
      redactor,
    )
    if (isRejection(event)) throw new Error(event.reason)
    if (event.type !== 'call') throw new Error(event.type)
    const identity = identify(evidenceOf(event), sessions)
    sessions.observe(event, identity)
    catalog.observe(event, identity)
  })
  return catalog.endpoints()
}

type Document = Record<string, never> & {
  readonly paths: Record<string, Record<string, never>>
  readonly servers?: readonly { readonly url: string }[]
  readonly components?: { readonly securitySchemes: Record<string, unknown> }
}
const document = (endpoints: readonly Endpoint[]): Document =>
  JSON.parse(JSON.stringify(exportOpenApi(endpoints, { candidates: true }))) as Document

async function faults(of: object): Promise<unknown> {
  // The validator takes the document apart; it gets its own.
  const { valid, errors } = await new Validator().validate(JSON.parse(JSON.stringify(of)))
  return valid ? undefined : errors
}

const repeat = (count: number, make: (index: number) => Line): Line[] =>
  Array.from({ length: count }, (_, index) => make(index))

describe('exportOpenApi', () => {
  it('describes parameters, bodies, answers and security', async () => {
    const exported = document(
      learned([
        ...repeat(30, index => ({
          method: 'POST',
          target: `/orders/${1000 + index}/lines?page=${index}${index % 2 === 0 ? '&tag=a&tag=b' : ''}`,
          headers: [['x-channel', 'web']],
          body: { sku: `a-${index}`, count: index, contact: `person${index}@shop.example` },
          status: 201,
          answer: { id: index, at: '2026-01-02T03:04:05Z', note: index % 2 === 0 ? null : 'x' },
        })),
        {
          method: 'POST',
          target: '/orders/7/lines',
          body: { wrong: true },
          status: 400,
          answer: { error: 'no' },
        },
      ]),
    )
    expect(await faults(exported)).toBeUndefined()
    expect(exported.servers).toEqual([{ url: 'https://api.example' }])
    expect(exported.paths['/orders/{orderId}/lines']?.post).toMatchObject({
      operationId: 'postOrdersByOrderIdLines',
      parameters: [
        { name: 'orderId', in: 'path', required: true, schema: { type: 'integer' } },
        { name: 'x-channel', in: 'header', required: true, schema: { type: 'string' } },
        { name: 'page', in: 'query', required: true, schema: { type: 'integer' } },
        { name: 'tag', in: 'query', schema: { type: 'array', items: { type: 'string' } } },
      ],
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: {
              type: 'object',
              required: ['contact', 'count', 'sku'],
              properties: {
                contact: { type: 'string', format: 'email', 'x-data-class': 'email' },
                count: { type: 'integer' },
                sku: { type: 'string' },
              },
            },
          },
        },
      },
      responses: {
        '201': {
          content: {
            'application/json': {
              schema: {
                required: ['at', 'id', 'note'],
                properties: { at: { format: 'date-time' }, note: { type: ['string', 'null'] } },
              },
            },
          },
        },
        '400': {
          description: 'Bad Request',
          content: { 'application/json': { schema: { properties: { error: { type: 'string' } } } } },
        },
      },
      security: [{ bearer: [] }],
      'x-sallyport-data-classes': { request: ['email'], response: [] },
    })
    // What was refused teaches nothing about requests.
    expect(JSON.stringify(exported)).not.toContain('wrong')
    expect(exported.components?.securitySchemes).toEqual({ bearer: { type: 'http', scheme: 'bearer' } })
  })

  it('gives several hosts as servers of the paths, and joins what they share', async () => {
    const lines = (host: string, key: string): Line[] =>
      repeat(12, index => ({ host, target: `/items/${index}`, answer: { [key]: index } }))
    const exported = document(
      learned([
        ...lines('a.example', 'left'),
        ...lines('b.example', 'right'),
        ...repeat(6, () => ({ host: 'a.example', method: 'DELETE', target: '/items/4', status: 204 })),
        ...repeat(6, () => ({
          host: 'c.example',
          target: '/status',
          answer: 'ok',
          answerType: 'text/plain',
        })),
      ]),
    )
    expect(await faults(exported)).toBeUndefined()
    expect(exported.servers).toBeUndefined()
    const item = exported.paths['/items/{itemId}'] as unknown as Record<string, Record<string, unknown>>
    expect(item?.servers).toEqual([{ url: 'https://a.example' }, { url: 'https://b.example' }])
    expect(item?.delete?.servers).toEqual([{ url: 'https://a.example' }])
    expect(item?.get).toMatchObject({
      'x-sallyport-endpoints': ['GET a.example/items/{itemId}', 'GET b.example/items/{itemId}'],
      responses: {
        '200': {
          content: {
            'application/json': {
              schema: { anyOf: [{ properties: { left: {} } }, { properties: { right: {} } }] },
            },
          },
        },
      },
    })
    expect(exported.paths['/status']).toMatchObject({
      servers: [{ url: 'https://c.example' }],
      get: { responses: { '200': { content: { 'text/plain': { schema: { type: 'string' } } } } } },
    })
  })

  it('tells the kinds of a polymorphic body apart', async () => {
    const exported = document(
      learned(
        repeat(40, index => ({
          method: 'POST',
          target: '/events',
          body: index % 2 === 0 ? { type: 'card', last4: index } : { type: 'transfer', account: `x${index}` },
          answer: {},
        })),
      ),
    )
    expect(await faults(exported)).toBeUndefined()
    expect(exported.paths['/events']?.post).toMatchObject({
      requestBody: {
        content: {
          'application/json': {
            schema: {
              oneOf: [
                { properties: { type: { const: 'card' }, account: false }, required: ['last4', 'type'] },
                { properties: { type: { const: 'transfer' }, last4: false }, required: ['account', 'type'] },
              ],
            },
          },
        },
      },
    })
  })

  it('misleads nobody by properties that are named like references', async () => {
    const exported = document(
      learned(
        repeat(20, index => ({
          method: 'PUT',
          target: '/schemas',
          body: { $ref: `x${index}`, $id: 'y', nested: { $id: 'z', plain: 1 } },
          answer: { $id: index },
        })),
      ),
    )
    expect(await faults(exported)).toBeUndefined()
    expect(exported.paths['/schemas']?.put).toMatchObject({
      requestBody: {
        content: {
          'application/json': {
            schema: {
              required: ['$id', '$ref', 'nested'],
              patternProperties: { '^\\$id$': { type: 'string' }, '^\\$ref$': { type: 'string' } },
            },
          },
        },
      },
    })
  })

  it('is valid for whatever traffic says', async () => {
    const segment = fc.oneof(
      fc.constantFrom(
        'orders',
        'v1',
        'report-7.json',
        '42',
        'a b',
        '{x',
        'x}',
        '%',
        '%7Bid%7D',
        'ü',
        '$ref',
        '__proto__',
      ),
      fc.string({ minLength: 1, maxLength: 8 }),
    )
    const line = fc.record(
      {
        host: fc.constantFrom('a.example', 'b.example:8080', '[::1]', 'bad host', '{tenant}.example'),
        method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PROPFIND', 'PATCH', 'HEAD'),
        target: fc
          .tuple(
            fc.array(segment, { minLength: 1, maxLength: 3 }),
            fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
          )
          .map(([path, query]) => {
            const text = new URLSearchParams(query).toString()
            return `/${path.map(one => encodeURIComponent(one.toWellFormed())).join('/')}${text === '' ? '' : `?${text}`}`
          }),
        body: fc.oneof(
          fc.jsonValue(),
          fc.dictionary(fc.constantFrom('$ref', '$id', 'type', '__proto__', '7'), fc.jsonValue()),
        ),
        status: fc.constantFrom(200, 201, 204, 302, 400, 404, 500, 599),
        answer: fc.jsonValue(),
        answerType: fc.constantFrom(
          'application/json',
          'text/html',
          'application/vnd.a+json; charset=utf-8',
          'x',
        ),
      },
      { requiredKeys: ['target'] },
    )
    let paths = 0
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 30 }), async lines => {
        const endpoints = learned(lines as Line[])
        const exported = document(endpoints)
        expect(await faults(exported)).toBeUndefined()
        expect(document([...endpoints].reverse())).toEqual(exported)
        paths += Object.keys(exported.paths).length
      }),
      { numRuns: 60, seed: 5 },
    )
    expect(paths).toBeGreaterThan(100)
  }, 60_000)

  it('is valid for any names and places of credentials, templates and statuses', async () => {
    const text = fc.string({ maxLength: 12 })
    const endpoint = fc
      .record({
        host: fc.oneof(text, fc.constantFrom('a.example', '{tenant}.a.example')),
        method: fc.constantFrom('GET', 'POST', 'get', 'M-SEARCH'),
        template: fc
          .array(fc.oneof(text, fc.constantFrom('{id}', '{id}.json', 'a:{b}', '{}', '{a/b}')))
          .map(parts => `/${parts.join('/')}`),
        auth: fc.subarray([
          'none',
          'bearer',
          'bearer-jwt',
          'api-key',
          'session',
          'mtls',
          'signature',
          'declared',
        ]),
        statuses: fc.dictionary(fc.constantFrom('200', '404', '999', '0'), fc.nat()),
        credentials: fc.array(
          fc.record({
            scheme: fc.constantFrom('api-key', 'session', 'bearer-jwt'),
            at: fc.oneof(
              text,
              text.map(name => `cookie:${name}`),
            ),
          }),
          { maxLength: 3 },
        ),
      })
      .map(
        ({ host, method, template, auth, statuses, credentials }): Endpoint => ({
          id: `${method} ${host}${template}` as EndpointId,
          protocol: 'rest',
          host,
          method,
          template,
          calls: 1,
          statuses,
          firstSeen: 0,
          lastSeen: 0,
          auth,
          dataClasses: { request: [], response: [] },
          fields: [],
          exposure: 'unknown',
          inventory: 'unknown',
          criticality: 'none',
          risk: { score: 0, factors: [] },
          responseSchemas: {},
          messages: { parameters: [], requests: [], requestRequired: false, responses: [], credentials },
        }),
      )
    await fc.assert(
      fc.asyncProperty(fc.array(endpoint, { maxLength: 12 }), async endpoints => {
        expect(await faults(document(endpoints))).toBeUndefined()
      }),
      { numRuns: 150, seed: 3 },
    )
  }, 60_000)
})
