import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cpuMs } from '../../../test/support/cpu-time.ts'
import { defaultDecodeLimits } from '../content-limits.ts'
import { exampleCall } from '../protocols/example-call.ts'
import { decodeContent } from './content.ts'
import { parseProtobuf } from './protobuf.ts'

const limits = { depth: 28, fields: 2_000 }

const varint = (value: bigint | number): number[] => {
  const out: number[] = []
  let left = BigInt(value)
  do {
    const byte = Number(left & 127n)
    left >>= 7n
    out.push(left === 0n ? byte : byte | 128)
  } while (left !== 0n)
  return out
}
const field = (number: number, type: number): number[] => varint((number << 3) | type)
const text = (number: number, value: string): number[] => {
  const bytes = [...Buffer.from(value, 'utf8')]
  return [...field(number, 2), ...varint(bytes.length), ...bytes]
}
const inner = (number: number, bytes: readonly number[]): number[] => [
  ...field(number, 2),
  ...varint(bytes.length),
  ...bytes,
]
const frame = (bytes: readonly number[] | Uint8Array, flags = 0): Buffer => {
  const head = Buffer.alloc(5)
  head[0] = flags
  head.writeUInt32BE(bytes.length, 1)
  return Buffer.concat([head, Buffer.from(bytes)])
}
const double = (number: number, value: number): number[] => {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return [...field(number, 1), ...bytes]
}
const decode = (bytes: Uint8Array, type: string) =>
  decodeContent({ bytes, size: bytes.length, truncated: false }, type, undefined, defaultDecodeLimits)

describe('protobuf without a descriptor', () => {
  it('reads each kind of field', () => {
    const rows: [bytes: number[], value: object | undefined][] = [
      [[], {}],
      [[...field(1, 0), ...varint(150)], { 1: 150 }],
      [[...field(1, 0), ...varint(2n ** 63n + 1n)], { 1: '9223372036854775809' }],
      [[...field(1, 0), ...varint(2n ** 53n - 1n)], { 1: 9_007_199_254_740_991 }],
      [text(2, 'alice@shop.example'), { 2: 'alice@shop.example' }],
      [[...text(3, 'a'), ...text(3, 'b')], { 3: ['a', 'b'] }],
      [inner(4, [...field(1, 0), 7, ...text(2, 'x')]), { 4: { 1: 7, 2: 'x' } }],
      [double(5, 12.5), { 5: 12.5 }],
      [[...field(6, 1), 5, 0, 0, 0, 0, 0, 0, 0], { 6: 5 }],
      [[...field(7, 5), 9, 0, 0, 0], { 7: 9 }],
      [inner(8, [0xff, 0xfe, 0x00]), { 8: '[3 bytes: fffe00]' }],
      [[...field(1, 0)], undefined],
      [[...field(1, 2), 200, 1, 65], undefined],
      [[0, 1], undefined],
      [[...field(1, 3)], undefined],
      [[...field(1, 0), 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255], undefined],
    ]
    for (const [bytes, value] of rows) expect(parseProtobuf(Uint8Array.from(bytes), limits)).toEqual(value)
    expect(rows.length).toBe(16)
  })

  it('gives every unsigned integer back', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        fc.integer({ min: 1, max: 536_870_911 }),
        (value, number) => {
          const bytes = Uint8Array.from([...varint(BigInt(number) << 3n), ...varint(value)])
          expect(BigInt(parseProtobuf(bytes, limits)?.[String(number)] as number | string)).toBe(value)
        },
      ),
    )
  })

  it('never throws, whatever the bytes, and stays within its bounds', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), bytes => {
        parseProtobuf(bytes, limits)
        for (const type of [
          'application/grpc',
          'application/grpc-web-text+proto',
          'application/connect+json',
          'application/proto',
        ])
          decode(bytes, type)
      }),
      { numRuns: 500 },
    )
    // Each level is one message in another, each byte a level: 60 KiB of it.
    let deep: number[] = [...field(1, 0), 0]
    for (let level = 0; level < 6_000; level += 1)
      deep = [...field(1, 2), ...varint(deep.length), ...deep].slice(0, 60_000)
    const took = cpuMs(() => {
      parseProtobuf(Uint8Array.from(deep), limits)
      const many = parseProtobuf(
        Uint8Array.from(Array.from({ length: 60_000 }, (_, index) => (index % 2 === 0 ? 8 : 1))),
        limits,
      )
      expect(many?.['1']).toHaveLength(2_000)
    })
    expect(took).toBeLessThan(1_000)
  })
})

describe('gRPC bodies', () => {
  const message = [...field(1, 0), 5]
  it('reads frames, compressed ones, trailers and the text form', () => {
    const trailers = Buffer.from('grpc-status: 5\r\ngrpc-message: no\r\n')
    const rows: [bytes: Buffer, type: string, content: object][] = [
      [frame(message), 'application/grpc', { kind: 'json', value: { 1: 5 } }],
      [frame([]), 'application/grpc+proto', { kind: 'json', value: {} }],
      [
        Buffer.concat([frame(message), frame(message)]),
        'application/grpc',
        { kind: 'json', value: [{ 1: 5 }, { 1: 5 }] },
      ],
      [frame(gzipSync(Buffer.from(message)), 1), 'application/grpc', { kind: 'json', value: { 1: 5 } }],
      [
        Buffer.concat([frame(message), frame(trailers, 0x80)]),
        'application/grpc-web+proto',
        { kind: 'json', value: { 1: 5 }, note: 'grpc-status 5' },
      ],
      [
        Buffer.from(frame(message).toString('base64') + frame(trailers, 0x80).toString('base64')),
        'application/grpc-web-text',
        { kind: 'json', value: { 1: 5 }, note: 'grpc-status 5' },
      ],
      [
        Buffer.concat([frame(Buffer.from('{"a":1}')), frame(Buffer.from('{}'), 2)]),
        'application/connect+json',
        { kind: 'json', value: { a: 1 } },
      ],
      [Buffer.from(message), 'application/proto', { kind: 'json', value: { 1: 5 } }],
      [Buffer.from([1, 2, 3]), 'application/grpc', { kind: 'binary' }],
      [Buffer.from([0, 255, 255, 255, 255, 8]), 'application/grpc', { kind: 'binary' }],
      [frame([255, 255, 255]), 'application/grpc', { kind: 'binary' }],
    ]
    for (const [bytes, type, content] of rows) expect(decode(bytes, type)).toEqual(content)
    expect(rows.length).toBe(11)
  })

  it('keeps no secret', () => {
    const token = ['eyJhbGciOiJIUzI1NiJ9', 'eyJzdWIiOiJhbGljZSJ9', 'c2lnbmF0dXJlc2lnbmF0dXJl'].join('.')
    const call = exampleCall({
      request: {
        method: 'POST',
        target: '/shop.Auth/Check',
        headers: { 'content-type': 'application/grpc' },
        body: frame(inner(3, text(1, token))),
      },
    })
    expect(JSON.stringify(call.request.content)).toContain('[redacted:jwt:')
    expect(JSON.stringify(call)).not.toContain(token)
  })
})
