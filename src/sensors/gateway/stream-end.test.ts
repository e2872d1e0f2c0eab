import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { readOperations } from '../../call/protocols/index.ts'
import { Redactor } from '../../call/redactor.ts'
import { sealCall } from '../../call/seal-call.ts'
import { BodyWindow } from './body-window.ts'
import { closeAll, httpUpstream, siteBefore } from './fixture.ts'

afterEach(closeAll)

const redactor = new Redactor({ key: Buffer.alloc(32, 1) })
const data = (value: unknown, event?: string): string =>
  `${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(value)}\n\n`
const words = (count: number): string[] => Array.from({ length: count }, (_, index) => `word ${index} `)

/** Streamed answers as the vendors' documentation shows them: the counts come last, or at both ends. */
const streams: readonly (readonly [
  what: string,
  path: string,
  chunks: readonly string[],
  tokens: { readonly input: number; readonly output: number },
])[] = [
  [
    'OpenAI chat with include_usage',
    '/v1/chat/completions',
    [
      ...words(300).map(content => data({ choices: [{ delta: { content } }], usage: null })),
      data({ choices: [], usage: { prompt_tokens: 31, completion_tokens: 300 } }),
      'data: [DONE]\n\n',
    ],
    { input: 31, output: 300 },
  ],
  [
    'OpenAI responses, whose last event repeats the whole answer',
    '/v1/responses',
    [
      ...words(300).map(delta => data({ type: 'response.output_text.delta', delta })),
      data(
        {
          type: 'response.completed',
          response: {
            output: [{ content: [{ text: words(1_500).join('') }] }],
            usage: { input_tokens: 5, input_tokens_details: { cached_tokens: 0 }, output_tokens: 301 },
            metadata: {},
          },
        },
        'response.completed',
      ),
    ],
    { input: 5, output: 301 },
  ],
  [
    'Anthropic messages',
    '/v1/messages',
    [
      data(
        { type: 'message_start', message: { usage: { input_tokens: 9, output_tokens: 1 } } },
        'message_start',
      ),
      ...words(300).map(text =>
        data({ type: 'content_block_delta', delta: { text } }, 'content_block_delta'),
      ),
      data({ type: 'message_delta', delta: {}, usage: { output_tokens: 302 } }, 'message_delta'),
      data({ type: 'message_stop' }, 'message_stop'),
    ],
    { input: 9, output: 302 },
  ],
]

describe('token counts at the end of a stream longer than the window', () => {
  for (const [what, path, chunks, tokens] of streams)
    test(what, async () => {
      const { url } = await httpUpstream((request, response) => {
        request.resume()
        response.setHeader('content-type', 'text/event-stream')
        for (const chunk of chunks) response.write(chunk)
        response.end()
      })
      const { guard, url: at } = await siteBefore(url, { windowBytes: 2_048 })
      const body =
        path === '/v1/responses'
          ? { model: 'm', input: 'Hi', stream: true }
          : { model: 'm', max_tokens: 9, stream: true, messages: [{ role: 'user', content: 'Hi' }] }
      const answer = await fetch(`${at}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      expect(await answer.text()).toBe(chunks.join(''))
      const [exchange] = await guard.seen(1)
      expect(exchange?.response?.body).toMatchObject({ size: chunks.join('').length, truncated: true })
      expect(exchange?.response?.body?.bytes.length).toBe(2_048)
      expect(exchange?.response?.body?.tail?.length).toBe(4_096)
      const [operation] = readOperations(sealCall(exchange!, redactor))
      expect(operation).toMatchObject({ protocol: 'llm', tokens })
    })

  test('other answers keep no tail, nor does a coded stream', async () => {
    const { url } = await httpUpstream((request, response) => {
      request.resume()
      if (request.url === '/coded') {
        response.setHeader('content-type', 'text/event-stream')
        response.setHeader('content-encoding', 'gzip')
        response.end(gzipSync(randomBytes(10_000)))
      } else {
        response.setHeader('content-type', 'application/json')
        response.end('x'.repeat(10_000))
      }
    })
    const { guard, url: at } = await siteBefore(url, { windowBytes: 1_024 })
    for (const path of ['/coded', '/plain']) await (await fetch(`${at}${path}`)).arrayBuffer()
    for (const { response } of await guard.seen(2)) {
      expect(response?.body?.truncated).toBe(true)
      expect(response?.body).not.toHaveProperty('tail')
    }
  })
})

test('whatever the pieces: the window is the beginning, the tail the end, and they never overlap', () => {
  fc.assert(
    fc.property(
      fc.nat(3_000),
      fc.array(fc.oneof(fc.nat(40), fc.nat(6_000)), { maxLength: 40 }),
      (limit, sizes) => {
        const window = new BodyWindow(limit)
        window.keepTail()
        let next = 0
        const whole: number[] = []
        for (const size of sizes) {
          const chunk = Uint8Array.from({ length: size }, () => next++ % 251)
          whole.push(...chunk)
          window.add(chunk)
        }
        const { bytes, tail = new Uint8Array(0), size } = window.take()
        expect(size).toBe(whole.length)
        expect([...bytes]).toEqual(whole.slice(0, limit))
        const beyond = Math.max(0, whole.length - limit)
        expect(tail.length).toBe(Math.min(beyond, 4_096))
        expect([...tail]).toEqual(whole.slice(whole.length - tail.length))
      },
    ),
    { numRuns: 100 },
  )
})
