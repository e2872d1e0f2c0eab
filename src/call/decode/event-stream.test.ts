import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultDecodeLimits } from '../content-limits.ts'
import { exampleCall } from '../protocols/example-call.ts'
import { decodeContent } from './content.ts'
import { parseEventStream, parseStreamEnd } from './event-stream.ts'

const limit = 100

describe('server-sent events', () => {
  it('reads events as the standard says', () => {
    const rows: [text: string, cut: boolean, events: readonly object[]][] = [
      ['data: a\n\n', false, [{ data: 'a' }]],
      ['data:a\n\n', false, [{ data: 'a' }]],
      ['data: a\ndata: b\n\n', false, [{ data: 'a\nb' }]],
      ['event: x\nid: 7\ndata: {"a":1}\n\n', false, [{ event: 'x', id: '7', data: { a: 1 } }]],
      ['data: {"a":\ndata: 1}\n\n', false, [{ data: { a: 1 } }]],
      ['data: a\r\n\r\ndata: b\r\n\r\n', false, [{ data: 'a' }, { data: 'b' }]],
      [': comment\nretry: 5\n\n', false, []],
      ['event: x\n\n', false, []],
      ['data\n\n', false, [{ data: '' }]],
      ['data: a\n\ndata: b', false, [{ data: 'a' }, { data: 'b' }]],
      ['data: a\n\ndata: {"b', true, [{ data: 'a' }]],
      ['data: [DONE]\n\n', false, [{ data: '[DONE]' }]],
      ['', false, []],
    ]
    for (const [text, cut, events] of rows) expect(parseEventStream(text, limit, cut)).toEqual(events)
    expect(rows.length).toBe(13)
  })

  it('gives every event back, and no more than the bound', () => {
    const word = fc
      .string({ minLength: 1, maxLength: 12, unit: fc.constantFrom('a', 'b', ' ', '{', ':', '"') })
      .map(text => `x${text}`)
    fc.assert(
      fc.property(fc.array(fc.record({ event: word, data: word }), { maxLength: 130 }), events => {
        const text = events.map(({ event, data }) => `event: ${event}\ndata: ${data}\n\n`).join('')
        expect(parseEventStream(text, limit, false)).toEqual(events.slice(0, limit))
      }),
    )
    fc.assert(fc.property(fc.string(), fc.boolean(), (text, cut) => void parseEventStream(text, limit, cut)))
  })

  it('is the JSON it carries once decoded, secrets replaced', () => {
    const bytes = Buffer.from('data: {"n":1}\n\n')
    expect(
      decodeContent(
        { bytes, size: bytes.length, truncated: false },
        'text/event-stream',
        undefined,
        defaultDecodeLimits,
      ),
    ).toEqual({ kind: 'json', value: [{ data: { n: 1 } }], note: 'server-sent events' })
    const call = exampleCall({
      request: { method: 'GET', target: '/stream' },
      response: {
        status: 200,
        headers: { 'content-type': 'text/event-stream' },
        body: 'data: {"access_token":"plain-secret-value"}\n\n',
      },
    })
    expect(JSON.stringify(call)).not.toContain('plain-secret-value')
  })
})

describe('the end of a stream', () => {
  it('starts at the first whole event, and keeps what one cut off says of tokens', () => {
    const rows: readonly (readonly [text: string, events: readonly unknown[]])[] = [
      ['"x":1}\n\ndata: {"a":2}\n\n', [{ data: { a: 2 } }]],
      [
        'lo"},"usage":{"input_tokens":5,"d":{"c":0}},"m":{}}\n\n',
        [{ data: { usage: { input_tokens: 5, d: { c: 0 } } } }],
      ],
      [
        '"usage": {"a":"}\\""} }\r\n\r\ndata: [DONE]\r\n\r\n',
        [{ data: { usage: { a: '}"' } } }, { data: '[DONE]' }],
      ],
      ['"usage":null}', []],
      ['"usage":{"a":1', []],
      ['"usage":7,"b":{}}', []],
      ['', []],
    ]
    for (const [text, events] of rows) expect([text, parseStreamEnd(text, 100)]).toEqual([text, events])
    expect(rows).toHaveLength(7)
  })

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('"usage":', '{', '}', '"', '\\', '\n', '\n\n', 'data: ', '1', ',')),
        parts => {
          expect(parseStreamEnd(parts.join(''), 50).length).toBeLessThanOrEqual(51)
        },
      ),
    )
  })
})
