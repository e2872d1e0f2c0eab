import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ChunkedDecoder, MessageFault } from './chunked-decoder.ts'

interface Decoded {
  readonly body: string
  readonly trailers: string
  readonly stop: number
  readonly done: boolean
}

/** Feeds `text` in pieces of the given lengths, then the rest at once. */
function decode(text: string, pieces: readonly number[] = []): Decoded {
  const bytes = Buffer.from(text, 'latin1')
  const decoder = new ChunkedDecoder(1_000)
  let body = ''
  let at = 0
  for (const length of [...pieces, bytes.length]) {
    const to = Math.min(bytes.length, at + length)
    at = decoder.feed(bytes, at, to, (from, end) => {
      body += bytes.toString('latin1', from, end)
    })
    if (decoder.done) break
  }
  return { body, trailers: decoder.trailers, stop: at, done: decoder.done }
}

const chunkOf = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`

test('whatever the chunks and however they arrive, the body comes out and the rest stays', () => {
  const parts = fc.array(
    fc.string({ minLength: 1, maxLength: 40 }).map(text => text.replace(/[^\x20-\x7e]/g, '.')),
  )
  fc.assert(
    fc.property(parts, fc.array(fc.integer({ min: 0, max: 7 })), fc.boolean(), (texts, pieces, trailed) => {
      const trailer = trailed ? 'X-A: b\r\nX-C: d\r\n' : ''
      const message = `${texts.map(chunkOf).join('')}0\r\n${trailer}\r\n`
      expect(decode(`${message}HTTP/1.1`, pieces)).toEqual({
        body: texts.join(''),
        trailers: trailed ? 'X-A: b\r\nX-C: d' : '',
        stop: message.length,
        done: true,
      })
    }),
  )
})

test('a body cut anywhere is never complete', () => {
  const message = `${chunkOf('hello')}${chunkOf('world')}0\r\nX-A: b\r\n\r\n`
  for (let length = 0; length < message.length; length += 1) {
    expect(decode(message.slice(0, length)).done, message.slice(0, length)).toBe(false)
  }
  expect(decode(message).done).toBe(true)
})

const faults = [
  '\r\n',
  'g\r\n',
  '-1\r\n',
  '+1\r\n',
  '0x1\r\n',
  ' 1\r\n',
  '1\na\r\n',
  '1\r\rna',
  '1\r\nab\r\n',
  '1\r\na\n0\r\n\r\n',
  '1\r\na\r0\r\n\r\n',
  '1;a\nb\r\na\r\n',
  '1;\0\r\na\r\n',
  '1000000000000\r\n',
  `1;${'x'.repeat(2_000)}\r\n`,
  `0\r\n${'X-A: b\r\n'.repeat(200)}\r\n`,
]

test('what no strict reader accepts is a fault', () => {
  for (const text of faults)
    expect(() => decode(text), JSON.stringify(text.slice(0, 40))).toThrow(MessageFault)
  expect(faults).toHaveLength(16)
})
