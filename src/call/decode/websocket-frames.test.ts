import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type FramedMessage, FrameReader } from './websocket-frames.ts'

interface Frame {
  readonly final?: boolean
  readonly opcode: number
  readonly payload: Uint8Array
  readonly reserved?: number
  /** Four bytes; absent is a server's frame. */
  readonly mask?: Uint8Array
  /** Bytes the length is written in: 0, 2 or 8. */
  readonly wide?: number
}

/** RFC 6455 §5.2, written from its figure. */
function frame({ final = true, opcode, payload, reserved = 0, mask, wide = 0 }: Frame): Buffer {
  const size = payload.length
  const extended = Math.max(wide, size > 65_535 ? 8 : size > 125 ? 2 : 0)
  const head = Buffer.alloc(2 + extended)
  head[0] = (final ? 0x80 : 0) | (reserved << 4) | opcode
  head[1] = (mask === undefined ? 0 : 0x80) | (extended === 8 ? 127 : extended === 2 ? 126 : size)
  if (extended === 2) head.writeUInt16BE(size, 2)
  if (extended === 8) head.writeBigUInt64BE(BigInt(size), 2)
  if (mask === undefined) return Buffer.concat([head, payload])
  return Buffer.concat([head, mask, payload.map((byte, index) => byte ^ mask[index % 4]!)])
}

function read(bytes: Uint8Array, masked: boolean, keep = 1_000, cuts: readonly number[] = []) {
  const messages: FramedMessage[] = []
  const closes: (number | undefined)[] = []
  const reader = new FrameReader(masked, keep, {
    onMessage: message => messages.push(message),
    onClose: status => closes.push(status),
  })
  let at = 0
  for (const cut of [...cuts, bytes.length]) {
    const to = Math.min(bytes.length, Math.max(at, cut))
    reader.feed(bytes.subarray(at, to))
    at = to
  }
  return { messages, closes, broken: reader.broken }
}

const text = (value: string): Uint8Array => Buffer.from(value)

describe('FrameReader', () => {
  it('reads the examples of RFC 6455 §5.7', () => {
    const hello = Buffer.from('810548656c6c6f', 'hex')
    const masked = Buffer.from('818537fa213d7f9f4d5158', 'hex')
    const fragments = Buffer.from('010348656c80026c6f', 'hex')
    for (const [bytes, isMasked] of [
      [hello, false],
      [masked, true],
      [fragments, false],
    ] as const) {
      const { messages, broken } = read(bytes, isMasked)
      expect(broken).toBeUndefined()
      expect(messages).toHaveLength(1)
      expect(messages[0]).toMatchObject({ binary: false, size: 5, truncated: false, coded: false })
      expect(Buffer.from(messages[0]!.bytes).toString()).toBe('Hello')
    }
  })

  it('gives back what was framed, however it was cut into fragments, frames between them and reads', () => {
    const message = fc.record({
      binary: fc.boolean(),
      payload: fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 120, maxLength: 140 })),
      splits: fc.array(fc.nat(140), { maxLength: 4 }),
      ping: fc.boolean(),
      wide: fc.constantFrom(0, 2, 8),
    })
    const mask = fc.uint8Array({ minLength: 4, maxLength: 4 })
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 8 }),
        fc.option(mask, { nil: undefined }),
        fc.array(fc.nat(800), { maxLength: 20 }),
        fc.nat(60),
        (sent, key, cuts, keep) => {
          const masked = key === undefined ? {} : { mask: key }
          const frames: Buffer[] = []
          for (const { binary, payload, splits, ping, wide } of sent) {
            const points = [...splits.map(point => Math.min(point, payload.length)), payload.length].sort(
              (a, b) => a - b,
            )
            let from = 0
            for (const [index, to] of points.entries()) {
              const opcode = index > 0 ? 0 : binary ? 2 : 1
              const final = index === points.length - 1
              frames.push(frame({ final, opcode, payload: payload.subarray(from, to), wide, ...masked }))
              if (ping && !final) frames.push(frame({ opcode: 9, payload: text('ping'), ...masked }))
              from = to
            }
          }
          frames.push(frame({ opcode: 8, payload: Uint8Array.of(3, 232), ...masked }))
          const ordered = [...cuts].sort((a, b) => a - b)
          const { messages, closes, broken } = read(Buffer.concat(frames), key !== undefined, keep, ordered)
          expect(broken).toBeUndefined()
          expect(closes).toEqual([1_000])
          expect(messages.map(({ bytes, ...rest }) => ({ ...rest, bytes: [...bytes] }))).toEqual(
            sent.map(({ binary, payload }) => ({
              binary,
              size: payload.length,
              bytes: [...payload.subarray(0, keep)],
              truncated: payload.length > keep,
              coded: false,
            })),
          )
        },
      ),
    )
  })

  it('stops at what cannot be', () => {
    const mask = Uint8Array.of(1, 2, 3, 4)
    const rows: readonly (readonly [bytes: Buffer, why: string])[] = [
      [frame({ opcode: 1, payload: text('a'), mask }), 'a masked frame'],
      [frame({ opcode: 0, payload: text('a') }), 'a fragment without a beginning'],
      [frame({ opcode: 3, payload: text('a') }), 'a frame that cannot be'],
      [frame({ opcode: 1, reserved: 1, payload: text('a') }), 'a frame that cannot be'],
      [
        Buffer.concat([
          frame({ opcode: 1, final: false, payload: text('a') }),
          frame({ opcode: 1, payload: text('b') }),
        ]),
        'a frame that cannot be',
      ],
      [frame({ opcode: 9, payload: new Uint8Array(126) }), 'a control frame that cannot be'],
      [frame({ opcode: 9, final: false, payload: text('a') }), 'a control frame that cannot be'],
      [frame({ opcode: 11, payload: text('a') }), 'a control frame that cannot be'],
      [Buffer.from('817fffffffffffffffff', 'hex'), 'a frame longer than can be'],
    ]
    for (const [bytes, why] of rows) expect(read(bytes, false)).toMatchObject({ messages: [], broken: why })
    expect(rows).toHaveLength(9)
    expect(read(frame({ opcode: 1, payload: text('a') }), true).broken).toBe('a frame without a mask')
  })

  it('counts coded messages and does not read them', () => {
    const { messages } = read(frame({ opcode: 1, reserved: 4, payload: text('coded') }), false)
    expect(messages).toMatchObject([{ coded: true, size: 5, truncated: true }])
    expect(messages[0]?.bytes.length).toBe(0)
  })

  it('says a close without a status', () => {
    expect(read(frame({ opcode: 8, payload: new Uint8Array(0) }), false).closes).toEqual([undefined])
  })

  it('takes any bytes in any pieces: it never throws, and pieces make no difference', () => {
    const soup = fc.array(
      fc.oneof(
        fc.constantFrom(0x81, 0x82, 0x01, 0x00, 0x80, 0x89, 0x88, 0x7e, 0x7f, 0x05, 0x85),
        fc.nat(255),
      ),
      { maxLength: 200 },
    )
    fc.assert(
      fc.property(soup, fc.boolean(), fc.array(fc.nat(200), { maxLength: 10 }), (bytes, masked, cuts) => {
        const input = Uint8Array.from(bytes)
        const ordered = [...cuts].sort((a, b) => a - b)
        const whole = read(input, masked, 16)
        expect(read(input, masked, 16, ordered)).toEqual(whole)
        expect([...input]).toEqual(bytes)
        for (const message of whole.messages) expect(message.bytes.length).toBeLessThanOrEqual(16)
      }),
      { numRuns: 500 },
    )
  })
})
