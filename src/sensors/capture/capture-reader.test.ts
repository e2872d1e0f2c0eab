import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CaptureReader, isCapture } from './capture-reader.ts'
import { type BuiltPacket, pcapFile, pcapngFile } from './fixture.ts'

interface Read {
  readonly packets: { readonly time: number; readonly link: number; readonly text: string }[]
  readonly faults: string[]
  final: boolean
}

function read(file: Uint8Array, chunk = file.length, packetBytes = 65_536): Read {
  const seen: Read = { packets: [], faults: [], final: false }
  const reader = new CaptureReader(packetBytes, {
    packet: ({ time, link, bytes }) => seen.packets.push({ time, link, text: bytes.toString('latin1') }),
    fault: (position, reason, final) => {
      seen.faults.push(`${position}: ${reason}`)
      seen.final ||= final
    },
  })
  for (let at = 0; at < file.length; at += Math.max(1, chunk))
    reader.feed(file.subarray(at, at + Math.max(1, chunk)))
  reader.end()
  return seen
}

const packet = (time: number, text: string): BuiltPacket => ({ time, bytes: Buffer.from(text) })
const three = [
  packet(1_796_000_000_000.125, 'one'),
  packet(1_796_000_000_001, 'three'),
  packet(1_796_000_000_250.5, ''),
]

describe('a capture', () => {
  const rows: readonly (readonly [string, Buffer])[] = [
    ['pcap', pcapFile(three)],
    ['pcap, big endian', pcapFile(three, { little: false })],
    ['pcap with nanoseconds', pcapFile(three, { nano: true })],
    ['pcap with nanoseconds, big endian', pcapFile(three, { nano: true, little: false })],
    ['pcapng', pcapngFile(three)],
    ['pcapng, big endian', pcapngFile(three, { little: false })],
    ['pcapng with nanoseconds', pcapngFile(three, { interfaces: [{ link: 1, resolution: 9 }] })],
  ]
  it.each(rows)('is read as %s, in whatever chunks it comes', (_, file) => {
    const expected = three.map(({ time, bytes }) => [time, 1, bytes.toString()])
    expect(isCapture(file)).toBe(true)
    for (const chunk of [file.length, 1, 7, 64]) {
      const { packets, faults } = read(file, chunk)
      expect(packets.map(({ time, link, text }) => [Math.round(time * 1000) / 1000, link, text])).toEqual(
        expected,
      )
      expect(faults).toEqual([])
    }
  })
  it('was read in all forms of the table', () => expect(rows).toHaveLength(7))

  it('has interfaces of several kinds, and packets without a time of their own', () => {
    const file = pcapngFile(
      [
        { ...packet(5, 'a'), interface: 1 },
        { ...packet(9, 'b'), interface: 0 },
        { ...packet(0, 'c'), simple: true },
      ],
      { interfaces: [{ link: 1 }, { link: 113, resolution: 9 }] },
    )
    expect(read(file).packets).toEqual([
      { time: 5, link: 113, text: 'a' },
      { time: 9, link: 1, text: 'b' },
      { time: 9, link: 1, text: 'c' },
    ])
  })

  it('may begin anew within a pcapng file, in another byte order', () => {
    const file = Buffer.concat([
      pcapngFile([packet(1, 'a')]),
      pcapngFile([packet(2, 'b')], { little: false }),
    ])
    expect(read(file).packets.map(({ text }) => text)).toEqual(['a', 'b'])
  })
})

describe('a broken capture', () => {
  const huge = pcapFile([packet(1, 'abc')])
  huge.writeUInt32LE(0xfffffff0, 24 + 8)
  const long = pcapFile([packet(1, 'x'.repeat(2_000)), packet(2, 'next')])
  const noInterface = pcapngFile([{ ...packet(1, 'a'), interface: 3 }, packet(2, 'b')])
  const wrongBlock = pcapngFile([packet(1, 'a')])
  wrongBlock.writeUInt32LE(3, wrongBlock.length - 36 + 4)
  const rows: readonly (readonly [string, Buffer, readonly string[], readonly string[]])[] = [
    [
      'cut off',
      pcapFile([packet(1, 'abc'), packet(2, 'def')]).subarray(0, 60),
      ['abc'],
      ['2: The capture ends within a packet.'],
    ],
    [
      '4 GB of one packet',
      huge,
      [],
      ['1: A packet says that it has 4294967280 bytes: nothing more can be read.'],
    ],
    ['a long packet', long, ['next'], ['1: A packet of 2000 bytes is longer than 1000 and left out.']],
    [
      'no interface',
      noInterface,
      ['b'],
      ['3: A packet names no interface, or says that it is longer than its block.'],
    ],
    [
      'a block without room',
      wrongBlock,
      [],
      ['3: A block says that it has 4 bytes: nothing more can be read.'],
    ],
    ['no capture', Buffer.alloc(40, 65), [], ['1: It is no capture.']],
    ['nothing but a beginning', pcapFile([]).subarray(0, 10), [], ['1: The capture ends within a packet.']],
  ]
  it.each(rows)('tells of %s', (_, file, texts, faults) => {
    const seen = read(file, 16, 1_000)
    expect([seen.packets.map(({ text }) => text), seen.faults]).toEqual([texts, faults])
  })
  it('was tried in all ways of the table', () => expect(rows).toHaveLength(7))

  it('never throws, whatever its bytes are', () => {
    const file = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc
        .tuple(
          fc.constantFrom(pcapFile(three), pcapngFile(three), pcapngFile(three, { little: false })),
          fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 8 }),
        )
        .map(([whole, changes]) => {
          const bytes = Buffer.from(whole)
          for (const [at, value] of changes) bytes[at % bytes.length] = value
          return bytes
        }),
    )
    let runs = 0
    fc.assert(
      fc.property(file, fc.integer({ min: 1, max: 64 }), (bytes, chunk) => {
        runs += 1
        const seen = read(bytes, chunk)
        expect(seen.packets.every(({ time }) => time >= 0 && time <= 8.64e15)).toBe(true)
        expect(read(bytes).packets).toEqual(seen.packets)
      }),
      { numRuns: 300 },
    )
    expect(runs).toBeGreaterThanOrEqual(300)
  })
})
