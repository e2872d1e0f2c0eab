import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultDecodeLimits } from '../content-limits.ts'
import { TextBody } from '../text-body.ts'
import { decodeContent, plainJson } from './content.ts'

const limits = defaultDecodeLimits
const decode = (bytes: Uint8Array | string, type?: string, coding?: string, truncated = false) => {
  const buffer = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
  return decodeContent({ bytes: buffer, size: buffer.length, truncated }, type, coding, limits)
}

describe('decodeContent', () => {
  it('reads each kind', () => {
    const rows: [body: string, type: string | undefined, expected: object][] = [
      ['{"a":1}', 'application/json', { kind: 'json', value: { a: 1 } }],
      ['\uFEFF{"a":1}', 'application/problem+json; charset=UTF-8', { kind: 'json', value: { a: 1 } }],
      [")]}',\n[1]", 'application/json', { kind: 'json', value: [1] }],
      ['{"a":1}\n{"a":2}\n', 'application/x-ndjson', { kind: 'json', value: [{ a: 1 }, { a: 2 }] }],
      ['{"a":1}', undefined, { kind: 'json', value: { a: 1 } }],
      ['{"a":1}', 'text/plain', { kind: 'json', value: { a: 1 } }],
      ['{"a":1}', 'application/x-www-form-urlencoded', { kind: 'json', value: { a: 1 } }],
      [
        'a=1&b=%20x+y&a=2&c',
        'application/x-www-form-urlencoded',
        { kind: 'form', value: { a: ['1', '2'], b: ' x y', c: '' } },
      ],
      ['a=%ff%zz', 'application/x-www-form-urlencoded', { kind: 'form', value: { a: '\uFFFD%zz' } }],
      ['<a/>', 'application/soap+xml', { kind: 'text', text: '<a/>' }],
      ['hello', undefined, { kind: 'text', text: 'hello' }],
      ['hello', 'image/png', { kind: 'binary' }],
      ['\0\u0001', undefined, { kind: 'binary' }],
      ['{"a":', 'application/json', { kind: 'malformed', reason: 'not JSON', text: '{"a":' }],
      ['  ', 'application/json', { kind: 'empty' }],
      ['', 'application/json', { kind: 'empty' }],
      [
        '{"id":12345678901234567890,"n":1.5e300}',
        'application/json',
        { kind: 'json', value: { id: '12345678901234567890', n: 1.5e300 } },
      ],
      ['x', 'multipart/form-data', { kind: 'malformed', reason: 'multipart without a boundary', text: 'x' }],
    ]
    for (const [body, type, expected] of rows) expect(decode(body, type)).toEqual(expected)
    expect(rows.length).toBe(18)
  })

  it('reads what came as text as it would read its bytes', () => {
    const types = [
      undefined,
      'application/json',
      'application/problem+json; charset=utf-8',
      'application/json; charset=iso-8859-1',
      'application/x-ndjson',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'text/event-stream',
      'text/html; charset=klingon',
      'application/grpc-web-text',
      'application/connect+json',
      'application/proto',
      'image/png',
    ]
    const text = fc.oneof(
      fc.json(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '',
        '\uFEFF{"a":1}',
        '\ud800{',
        '{"a":"\udfff"}',
        'data: 1\n\n',
        '{"é":"ü"}',
        'x'.repeat(70_000),
      ),
    )
    fc.assert(
      fc.property(
        text,
        fc.constantFrom(...types),
        fc.constantFrom(undefined, 'gzip', 'identity'),
        fc.boolean(),
        (body, type, coding, truncated) => {
          const read = decodeContent(new TextBody(body, undefined, truncated), type, coding, limits)
          expect(read).toEqual(decode(body, type, coding, truncated))
        },
      ),
    )
  })

  it('says what it had to change', () => {
    expect(decode(Buffer.from([0x22, 0xff, 0x22]), 'application/json')).toEqual({
      kind: 'json',
      value: '\uFFFD',
      note: 'invalid UTF-8 replaced',
    })
    expect(decode(Buffer.from('café', 'latin1'), 'text/plain; charset=iso-8859-1')).toEqual({
      kind: 'text',
      text: 'café',
    })
    expect(decode('a', 'text/plain; charset=klingon')).toEqual({
      kind: 'text',
      text: 'a',
      note: 'unknown charset read as UTF-8',
    })
    expect(decode('{"a":[1,', 'application/json', undefined, true)).toMatchObject({
      kind: 'malformed',
      reason: 'JSON cut off',
    })
  })

  it('undoes content codings, and stops at bombs', () => {
    const json = Buffer.from('{"a":1}')
    const value = { kind: 'json', value: { a: 1 } }
    const type = 'application/json'
    expect(decode(gzipSync(json), type, 'gzip')).toEqual(value)
    expect(decode(deflateSync(json), type, 'deflate')).toEqual(value)
    expect(decode(deflateRawSync(json), type, 'deflate')).toEqual(value)
    expect(decode(brotliCompressSync(json), type, 'br')).toEqual(value)
    expect(decode(zstdCompressSync(json), type, 'zstd')).toEqual(value)
    expect(decode(brotliCompressSync(gzipSync(json)), type, 'gzip, br')).toEqual(value)
    // Tools decode the body and keep the header.
    expect(decode(json, type, 'gzip')).toEqual(value)
    expect(decode(gzipSync(Buffer.alloc(50_000_000)), type, 'gzip')).toEqual({
      kind: 'malformed',
      reason: 'inflates beyond 1048576 bytes',
      text: '',
    })
    expect(decode(json, type, 'rot13')).toMatchObject({
      kind: 'malformed',
      reason: 'content coding rot13 is not known',
    })
    expect(decode(json, type, 'gzip,gzip,gzip,gzip')).toMatchObject({ kind: 'malformed' })
    const long = gzipSync(JSON.stringify({ text: 'abc'.repeat(10_000) }))
    expect(decode(long.subarray(0, long.length - 12), 'text/plain', 'gzip')).toMatchObject({
      kind: expect.stringMatching(/text|malformed|json/),
    })
  })

  it('reads the parts of a multipart body', () => {
    const body = [
      '--b',
      'Content-Disposition: form-data; name="title"',
      '',
      'Sumi\u00e9',
      '--b',
      'Content-Disposition: form-data; name="tag"',
      '',
      'x',
      '--b',
      'Content-Disposition: form-data; name="tag"',
      '',
      'y',
      '--b',
      'Content-Disposition: form-data; name="meta"',
      'Content-Type: application/json',
      '',
      '{"n":1}',
      '--b',
      'Content-Disposition: form-data; name="file"; filename="a\\"b.png"',
      'Content-Type: image/png',
      '',
      'PNGDATA',
      '--b--',
      '',
    ].join('\r\n')
    expect(decode(body, 'multipart/form-data; boundary="b"')).toEqual({
      kind: 'multipart',
      value: {
        title: 'Sumi\u00e9',
        tag: ['x', 'y'],
        meta: { n: 1 },
        file: { filename: 'a"b.png', contentType: 'image/png', size: 7 },
      },
    })
  })

  it('gives back what was encoded', () => {
    fc.assert(
      fc.property(
        fc
          .jsonValue()
          // Integers of 16 digits and more have their own rule.
          .filter(
            value => typeof value === 'object' && value !== null && !/\d{16}/.test(JSON.stringify(value)),
          ),
        value => {
          const text = JSON.stringify(value)
          expect(decode(text, 'application/json')).toEqual({ kind: 'json', value: JSON.parse(text) })
        },
      ),
      { numRuns: 500 },
    )
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(fc.string({ minLength: 1 }), fc.string()), {
          selector: ([name]) => name,
          minLength: 1,
        }),
        pairs => {
          const body = new URLSearchParams(pairs).toString()
          const content = decode(body, 'application/x-www-form-urlencoded')
          if (content.kind !== 'form') throw new Error(content.kind)
          expect(Object.entries(content.value).sort()).toEqual([...pairs].sort())
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('plainJson', () => {
  it('has the bytes only of what is decoded as the JSON they are', () => {
    const bytes = Buffer.from('{"a":"ä"}')
    const body = { bytes, size: bytes.length, truncated: false }
    const rows: readonly (readonly [type: string | undefined, coding: string | undefined, plain: boolean])[] =
      [
        ['application/json', undefined, true],
        ['application/problem+json; charset=UTF-8', 'identity', true],
        ['application/json; charset=utf-16le', undefined, false],
        ['application/json', 'gzip', false],
        ['application/grpc+json', undefined, false],
        ['application/x-ndjson', undefined, false],
        ['text/event-stream', undefined, false],
        ['text/plain', undefined, false],
        [undefined, undefined, false],
      ]
    for (const [type, coding, plain] of rows) {
      expect([type, coding, plainJson(body, type, coding, limits) !== undefined]).toEqual([
        type,
        coding,
        plain,
      ])
      if (plain)
        expect(decodeContent(body, type, coding, limits)).toEqual({
          kind: 'json',
          value: JSON.parse('{"a":"ä"}'),
        })
    }
    expect(plainJson({ ...body, truncated: true }, 'application/json', undefined, limits)).toBeUndefined()
    expect(plainJson({ ...body, tail: bytes }, 'application/json', undefined, limits)).toBeUndefined()
    expect(plainJson(new TextBody('{}', 2, false), 'application/json', undefined, limits)).toBeUndefined()
    expect(plainJson(body, 'application/json', undefined, { ...limits, bodyBytes: 4 })).toBeUndefined()
  })
})
