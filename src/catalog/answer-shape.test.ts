import { describe, expect, it } from 'vitest'
import type { ApiCall, CallResponse } from '../call/api-call.ts'
import type { Content, Json } from '../call/content.ts'
import { evidenceOf, identify } from '../identity/identify.ts'
import { SessionDirectory } from '../identity/session-directory.ts'
import { callId, endpointId } from '../kit/id.ts'
import { AnswerShape } from './answer-shape.ts'
import { Catalog } from './catalog.ts'

const answer = (content: Content, disposition?: string, type = 'application/json'): CallResponse => ({
  status: 200,
  headers: [
    ['content-type', type],
    ...(disposition === undefined ? [] : [['content-disposition', disposition] as const]),
  ],
  content,
  bodySize: 1,
  bodyTruncated: false,
})
const json = (value: Json): Content => ({ kind: 'json', value })
const messages = { parameters: [], requests: [], requestRequired: false, responses: [], credentials: [] }

describe('the shape of answers', () => {
  const many = Array.from({ length: 700 }, (_, index) => index)
  const rows: readonly [string, Json, number][] = [
    ['a list', many, 700],
    ['a list in an envelope', { data: many, total: 700 }, 700],
    ['a list where GraphQL has it', { data: { users: many } }, 700],
    ['a list further down', { a: { b: { c: many } } }, 0],
    ['no list', { a: 1 }, 0],
    ['nothing', null, 0],
  ]
  let ran = 0
  it.each(rows)('of %s', (_, value, expected) => {
    const shape = new AnswerShape()
    shape.learn(answer(json(value)))
    shape.learn(answer(json([1])))
    expect(shape.facts(messages).longestList).toBe(Math.max(1, expected))
    ran += 1
  })
  it('ran every row', () => expect(ran).toBe(6))

  it('counts files to save, and joins', () => {
    const [one, other] = [new AnswerShape(), new AnswerShape()]
    one.learn(answer({ kind: 'binary' }, 'Attachment; filename="a.pdf"'))
    one.learn(answer({ kind: 'binary' }, 'inline'))
    other.learn(answer(json(many)))
    one.absorb(other)
    expect(one.facts(messages)).toEqual({ mediaTypes: [], longestList: 700, attachments: 1 })
  })
})

describe('an endpoint', () => {
  const sessions = new SessionDirectory()
  const told = (response: CallResponse): string | undefined => {
    const catalog = new Catalog()
    for (let sequence = 0; sequence < 10; sequence += 1) {
      const call: ApiCall = {
        type: 'call',
        id: callId(`c-${sequence}`),
        time: 1_700_000_000_000 + sequence,
        source: {},
        destination: { host: 'api.shop.example' },
        request: {
          method: 'GET',
          target: '/things',
          path: '/things',
          query: [],
          httpVersion: '1.1',
          headers: [],
          content: { kind: 'empty' },
          bodySize: 0,
          bodyTruncated: false,
        },
        response,
        credentials: [],
        principal: { id: 'alice' },
      }
      catalog.observe(call, identify(evidenceOf(call), sessions))
    }
    const endpoint = catalog.endpoint(endpointId('GET', 'api.shop.example', '/things'))
    const why = endpoint?.risk.factors.find(({ factor }) => factor === 'criticality')?.why
    return `${endpoint?.criticality} ${why ?? ''}`.trim()
  }

  it.each<readonly [string, CallResponse]>([
    ['other', answer(json([1, 2, 3]))],
    [
      'export Counted as export: it answered with 501 entries at once.',
      answer(json(Array.from({ length: 501 }, () => 1))),
    ],
    [
      'export Counted as export: it answers with files (text/csv).',
      answer({ kind: 'text', text: 'a,b\n' }, undefined, 'text/csv; charset=utf-8'),
    ],
    [
      'export Counted as export: it answers with files to save.',
      answer({ kind: 'binary' }, 'attachment', 'application/pdf'),
    ],
  ])('is %s', (expected, response) => expect(told(response)).toBe(expected))
})
