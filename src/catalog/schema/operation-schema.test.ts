import { describe, expect, it } from 'vitest'
import type { ApiCall } from '../../call/api-call.ts'
import { isRejection, parseEventLine } from '../../call/event-line.ts'
import { Redactor } from '../../call/redactor.ts'
import { evidenceOf, identify } from '../../identity/identify.ts'
import { SessionDirectory } from '../../identity/session-directory.ts'
import type { EndpointId } from '../../kit/id.ts'
import { Catalog } from '../catalog.ts'
import type { LearnedMessages } from '../messages.ts'

interface Line {
  readonly target?: string
  readonly method?: string
  readonly token?: string | null
  readonly headers?: readonly (readonly [string, string])[]
  readonly type?: string
  readonly body?: unknown
  readonly status?: number
  readonly answerType?: string
  readonly answer?: unknown
  readonly verdict?: string
}

const redactor = new Redactor({ key: Buffer.alloc(32, 7) })
let count = 0

function call(line: Line): ApiCall {
  count += 1
  const token = line.token === undefined ? 'opaque-token-of-a-caller-0001' : line.token
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
  const event = parseEventLine(
    JSON.stringify({
      id: `c-${count}`,
      time: 1_800_000_000_000 + count * 1_000,
      destination: { host: 'api.example' },
      request: {
        method: line.method ?? 'POST',
        target: line.target ?? '/orders',
        headers: [
          ...(token === null ? [] : [['authorization', `Bearer ${token}`]]),
          ['content-type', line.type ?? 'application/json'],
          ...(line.headers ?? []),
        ],
        ...(line.body === undefined ? {} : { body: text(line.body) }),
      },
      response: {
        status: line.status ?? 200,
        headers: [['content-type', line.answerType ?? 'application/json']],
        ...(line.answer === undefined ? {} : { body: text(line.answer) }),
      },
    }),
    'test',
    count,
    redactor,
  )
  if (isRejection(event) || event.type !== 'call') throw new Error('no call')
  return line.verdict === undefined ? event : { ...event, verdict: { decisionId: 'd', action: line.verdict } }
}

function learned(lines: readonly Line[], id = 'POST api.example/orders'): LearnedMessages {
  const catalog = new Catalog()
  const sessions = new SessionDirectory()
  for (const line of lines) {
    const event = call(line)
    catalog.observe(event, identify(evidenceOf(event), sessions))
  }
  const messages = catalog.endpoint(id as EndpointId)?.messages
  if (messages === undefined) throw new Error(`no ${id} among ${catalog.endpoints().map(one => one.id)}`)
  return messages
}
const repeat = (times: number, make: (index: number) => Line): Line[] =>
  Array.from({ length: times }, (_, index) => make(index))
const names = (messages: LearnedMessages): readonly string[] =>
  messages.requests.flatMap(({ schema }) => Object.keys(schema?.properties ?? {}))

describe('OperationSchema', () => {
  it('learns requests from success only', () => {
    const messages = learned([
      ...repeat(20, index => ({ body: { sku: index } })),
      ...[400, 401, 403, 422, 500].map(status => ({
        body: { wrong: status },
        status,
        answer: { error: 'no' },
      })),
    ])
    expect(names(messages)).toEqual(['sku'])
    expect(messages.requestRequired).toBe(true)
    expect(messages.responses.map(({ group, statuses }) => [group, statuses])).toEqual([
      ['4xx', [400, 401, 403, 422]],
      ['5xx', [500]],
    ])
  })

  it('lets strangers teach nothing where callers have credentials, and all where nobody has', () => {
    const mixed = [
      ...repeat(20, () => ({ body: { known: 1 } })),
      ...repeat(100, () => ({ token: null, body: { stranger: 1 }, target: '/orders?debug=1' })),
    ]
    expect(names(learned(mixed))).toEqual(['known'])
    expect(names(learned([...mixed].reverse()))).toEqual(['known'])
    expect(learned(mixed).parameters).toEqual([])
    expect(names(learned(repeat(20, () => ({ token: null, body: { open: 1 } }))))).toEqual(['open'])
    // One that came with a stale token to an open endpoint does not speak for all.
    const open = [...repeat(100, () => ({ token: null, body: { open: 1 } })), { body: { stale: 1 } }]
    expect(names(learned(open))).toEqual(['open'])
  })

  it('keeps media types apart, and answers by what was answered', () => {
    const messages = learned([
      ...repeat(15, index => ({ body: { a: index }, answer: { id: index }, status: 201 })),
      ...repeat(5, index => ({
        type: 'application/x-www-form-urlencoded',
        body: `n=${index}&on=true`,
        answer: '<p>ok</p>',
        answerType: 'text/html; charset=utf-8',
      })),
    ])
    expect(messages.requests).toMatchObject([
      { mediaType: 'application/json', seen: 15, schema: { properties: { a: { type: 'integer' } } } },
      {
        mediaType: 'application/x-www-form-urlencoded',
        seen: 5,
        schema: { properties: { n: { type: 'integer' }, on: { type: 'boolean' } } },
      },
    ])
    expect(messages.responses).toMatchObject([
      { group: '2xx', statuses: [201], mediaType: 'application/json' },
      { group: '2xx', statuses: [200], mediaType: 'text/html', seen: 5 },
    ])
    expect(messages.responses[1]?.schema).toBeUndefined()
  })

  it('learns parameters of path, query and header, and leaves credentials and proxies out', () => {
    const messages = learned(
      repeat(20, index => ({
        method: 'GET',
        target: `/orders/${1000 + index}?page=${index}${index < 3 ? '&debug=true' : ''}`,
        headers: [
          ['x-channel', 'web'],
          ['x-api-key', 'k-0123456789abcdef0123456789abcdef'],
          ['x-forwarded-for', '192.0.2.1'],
          ['x-request-id', `r-${index}`],
          ['accept', '*/*'],
        ],
        answer: {},
      })),
      'GET api.example/orders/{orderId}',
    )
    expect(
      messages.parameters.map(({ in: place, name, required, schema }) => [
        place,
        name,
        required,
        schema.type,
      ]),
    ).toEqual([
      ['header', 'x-channel', true, 'string'],
      ['path', 'orderId', true, 'integer'],
      ['query', 'debug', false, 'boolean'],
      ['query', 'page', true, 'integer'],
    ])
    expect(messages.credentials.map(({ at }) => at)).toContain('header:x-api-key')
  })

  it('counts the words of a path that became values', () => {
    const words = [
      'amber',
      'birch',
      'cedar',
      'delta',
      'ember',
      'fjord',
      'grove',
      'haven',
      'inlet',
      'jetty',
      'knoll',
      'ledge',
    ]
    const messages = learned(
      [...words, ...words].flatMap(word =>
        repeat(2, () => ({
          method: 'GET',
          target: `/projects/${word}-${word}/notes`,
          answer: { id: 1, text: word },
        })),
      ),
      'GET api.example/projects/{projectId}/notes',
    )
    const [parameter] = messages.parameters
    expect(parameter).toMatchObject({ in: 'path', name: 'projectId', schema: { type: 'string' } })
    expect(parameter?.schema.seen).toBeGreaterThan(20)
  })

  it("does not take the gateway's own refusals for answers", () => {
    const messages = learned([
      ...repeat(10, () => ({ body: { a: 1 }, answer: { ok: true } })),
      ...repeat(5, () => ({ body: { a: 1 }, status: 403, answer: { blocked: true }, verdict: 'block' })),
    ])
    expect(messages.responses.map(({ group }) => group)).toEqual(['2xx'])
  })

  it('gives the same for the same traffic', () => {
    const lines = repeat(30, index => ({ body: { a: index, b: `x${index % 3}` }, answer: { id: index } }))
    expect(JSON.stringify(learned(lines))).toBe(JSON.stringify(learned(lines)))
  })
})
