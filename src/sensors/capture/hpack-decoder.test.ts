import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BrokenHeaders, HpackDecoder } from './hpack-decoder.ts'
import { huffmanText } from './hpack-huffman.ts'

const bounds = { tableBytes: 4_096, headerCount: 128, listBytes: 65_536 }
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex')

/** RFC 7541, appendix C: blocks of one connection with what they decode to and the size of the table behind them. */
const examples: readonly (readonly [string, readonly (readonly [string, string, number])[]])[] = [
  [
    'C.2.1 a literal with indexing',
    [['400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572', 'custom-key: custom-header', 55]],
  ],
  ['C.2.2 a literal without indexing', [['040c 2f73 616d 706c 652f 7061 7468', ':path: /sample/path', 0]]],
  ['C.2.3 a literal never indexed', [['1008 7061 7373 776f 7264 0673 6563 7265 74', 'password: secret', 0]]],
  ['C.2.4 an index', [['82', ':method: GET', 0]]],
  [
    'C.3 requests',
    [
      [
        '8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d',
        ':method: GET|:scheme: http|:path: /|:authority: www.example.com',
        57,
      ],
      [
        '8286 84be 5808 6e6f 2d63 6163 6865',
        ':method: GET|:scheme: http|:path: /|:authority: www.example.com|cache-control: no-cache',
        110,
      ],
      [
        '8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65',
        ':method: GET|:scheme: https|:path: /index.html|:authority: www.example.com|custom-key: custom-value',
        164,
      ],
    ],
  ],
  [
    'C.4 requests with Huffman coding',
    [
      [
        '8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff',
        ':method: GET|:scheme: http|:path: /|:authority: www.example.com',
        57,
      ],
      [
        '8286 84be 5886 a8eb 1064 9cbf',
        ':method: GET|:scheme: http|:path: /|:authority: www.example.com|cache-control: no-cache',
        110,
      ],
      [
        '8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf',
        ':method: GET|:scheme: https|:path: /index.html|:authority: www.example.com|custom-key: custom-value',
        164,
      ],
    ],
  ],
  [
    'C.6 answers with Huffman coding and a table of 256 bytes',
    [
      [
        '3fe101 4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3',
        ':status: 302|cache-control: private|date: Mon, 21 Oct 2013 20:13:21 GMT|location: https://www.example.com',
        222,
      ],
      [
        '4883 640e ffc1 c0bf',
        ':status: 307|cache-control: private|date: Mon, 21 Oct 2013 20:13:21 GMT|location: https://www.example.com',
        222,
      ],
      [
        '88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07',
        ':status: 200|cache-control: private|date: Mon, 21 Oct 2013 20:13:22 GMT|location: https://www.example.com|content-encoding: gzip|set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1',
        215,
      ],
    ],
  ],
]

describe('a header block', () => {
  it.each(examples)('is decoded as RFC 7541 %s', (_, blocks) => {
    const decoder = new HpackDecoder(bounds)
    for (const [block, headers, size] of blocks) {
      expect(
        decoder
          .decode(hex(block))
          .map(([name, value]) => `${name}: ${value}`)
          .join('|'),
      ).toBe(headers)
      expect(decoder.tableBytes).toBe(size)
    }
  })
  it('was decoded for all examples', () => expect(examples).toHaveLength(7))

  const broken: readonly (readonly [string, string, RegExp])[] = [
    ['index 0', '80', /names no entry/],
    ['an index beyond the table', 'ff20', /names no entry/],
    ['a number without end', 'ffffffffffffff', /has no end/],
    ['a length beyond the block', '400aff', /ends within a header/],
    ['a table beyond the bound', '3fffff01', /larger than the bound/],
    ['padding that is too long', '0084ffffffff00', /not well coded/],
    ['padding of zeros', '008118', /not well coded/],
    ['the end of string', '0084fffffffc00', /not well coded/],
    ['a name and nothing else', '4001', /ends within a header/],
  ]
  it.each(broken)('cannot be followed with %s', (_, block, told) => {
    const decoder = new HpackDecoder(bounds)
    expect(() => decoder.decode(hex(block))).toThrow(BrokenHeaders)
    expect(() => new HpackDecoder(bounds).decode(hex(block))).toThrow(told)
  })
  it('was broken in all ways of the table', () => expect(broken).toHaveLength(9))
})

describe('a bomb', () => {
  const value = Buffer.alloc(4_000, 120)
  // One large entry, and then its index again and again: a byte gives 4,000.
  const block = Buffer.concat([hex('4001 61 7fa11e'), value, Buffer.alloc(20_000, 0xbe)])

  it('is kept up to the bounds; the rest is counted', () => {
    const decoder = new HpackDecoder(bounds)
    const headers = decoder.decode(block)
    expect([headers.length, headers.length + decoder.leftOut]).toEqual([16, 20_001])
    expect(decoder.tableBytes).toBe(4_033)
  })

  it('does not outgrow the table', () => {
    const decoder = new HpackDecoder(bounds)
    const entries = Array.from({ length: 5_000 }, (_, index) =>
      Buffer.concat([hex('4004'), Buffer.from(String(index).padStart(4, '0')), hex('0178')]),
    )
    expect(decoder.decode(Buffer.concat(entries))).toHaveLength(128)
    expect(decoder.tableBytes).toBeLessThanOrEqual(4_096)
  })
})

it('decodes or breaks, whatever the block is, and stays within its table', () => {
  let decoded = 0
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 6 }), blocks => {
      const decoder = new HpackDecoder(bounds)
      for (const block of blocks) {
        try {
          decoder.decode(Buffer.from(block))
          decoded += 1
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(BrokenHeaders)
        }
        expect(decoder.tableBytes).toBeLessThanOrEqual(4_096)
      }
    }),
    { numRuns: 1_000 },
  )
  expect(decoded).toBeGreaterThan(100)
})

it('takes padding of ones, of less than a byte', () => {
  expect(huffmanText(hex('1f'))).toBe('a')
  expect(huffmanText(hex(''))).toBe('')
  expect(huffmanText(hex('ffc7'))).toBe('\0')
})
