import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CaptureCounts } from './capture-counts.ts'
import { ethernet, ipv4, ipv6, type PacketEnds, tcpSegment, udp, vxlan } from './fixture.ts'
import { addressText, PacketDecoder, type TcpSegment } from './packet-decoder.ts'

const ends: PacketEnds = { from: ['192.0.2.1', 40_000], to: ['192.0.2.2', 80] }
const outer: PacketEnds = { from: ['10.9.0.1', 1], to: ['10.9.0.2', 2] }
const segment = tcpSegment(ends, 7, 9, 16, Buffer.from('hello'))
const packet = ipv4(ends, 6, segment)
const frame = ethernet(0x0800, packet)

function decode(packets: readonly (readonly [link: number, bytes: Buffer, time?: number])[]) {
  const counts = new CaptureCounts()
  const segments: string[] = []
  const decoder = new PacketDecoder(16, counts, (found: TcpSegment) =>
    segments.push(
      `${addressText(found.source)}:${found.sourcePort} > ${addressText(found.target)}:${found.targetPort} ${found.sequence} ${found.payload}`,
    ),
  )
  for (const [link, bytes, time = 0] of packets) decoder.packet({ time, link, bytes })
  decoder.flush()
  return { segments, counts }
}

const expected = '192.0.2.1:40000 > 192.0.2.2:80 7 hello'
const expected6 = '2001:db8::1:40000 > 2001:db8::2:80 7 hello'
const loopback = (family: number[]) => Buffer.concat([Buffer.from(family), packet])
const gre = (flags: number, type: number, ...rest: Buffer[]) =>
  ethernet(
    0x0800,
    ipv4(outer, 47, Buffer.concat([Buffer.from([flags >> 8, flags & 255, type >> 8, type & 255]), ...rest])),
  )
const tunnelled = (payload: Buffer) => ethernet(0x0800, ipv4(outer, 17, payload))
const geneve = (type: number, options: number, inner: Buffer) =>
  udp(
    6081,
    Buffer.concat([
      Buffer.from([options, 0, type >> 8, type & 255, 0, 0, 1, 0]),
      Buffer.alloc(options * 4),
      inner,
    ]),
  )
const option = Buffer.from([6, 0, 1, 4, 0, 0, 0, 0])

describe('a segment', () => {
  const rows: readonly (readonly [string, number, Buffer, string])[] = [
    ['Ethernet', 1, frame, expected],
    ['Ethernet with padding', 1, Buffer.concat([frame, Buffer.alloc(9)]), expected],
    ['a VLAN', 1, ethernet(0x8100, Buffer.concat([Buffer.from([0, 5, 8, 0]), packet])), expected],
    [
      'a VLAN in a VLAN',
      1,
      ethernet(0x88a8, Buffer.concat([Buffer.from([0, 5, 0x81, 0, 0, 6, 8, 0]), packet])),
      expected,
    ],
    ['MPLS', 1, ethernet(0x8847, Buffer.concat([Buffer.from([0, 0, 0, 9, 0, 0, 1, 9]), packet])), expected],
    [
      'PPPoE',
      1,
      ethernet(0x8864, Buffer.concat([Buffer.from([0x11, 0, 0, 1, 0, 60, 0, 0x21]), packet])),
      expected,
    ],
    ['Linux cooked', 113, Buffer.concat([Buffer.alloc(14), Buffer.from([8, 0]), packet]), expected],
    ['Linux cooked 2', 276, Buffer.concat([Buffer.from([8, 0]), Buffer.alloc(18), packet]), expected],
    ['raw IP', 101, packet, expected],
    ['loopback of BSD', 0, loopback([2, 0, 0, 0]), expected],
    ['loopback of BSD, big endian', 0, loopback([0, 0, 0, 2]), expected],
    ['IPv6', 101, ipv6(Buffer.alloc(0), 6, segment), expected6],
    [
      'IPv6 with options',
      101,
      ipv6(Buffer.concat([Buffer.from([60, 0]), Buffer.alloc(6), option]), 0, segment),
      expected6,
    ],
    ['IPv6, an only fragment', 101, ipv6(Buffer.from([6, 0, 0, 0, 0, 0, 0, 1]), 44, segment), expected6],
    ['VXLAN', 1, tunnelled(vxlan(frame)), expected],
    ['VXLAN in VXLAN', 1, tunnelled(vxlan(tunnelled(vxlan(frame)))), expected],
    ['Geneve with options', 1, tunnelled(geneve(0x6558, 2, frame)), expected],
    ['Geneve of IP', 1, tunnelled(geneve(0x0800, 0, packet)), expected],
    ['GRE', 1, gre(0, 0x0800, packet), expected],
    ['GRE with key and number', 1, gre(0x3000, 0x6558, Buffer.alloc(8), frame), expected],
    ['ERSPAN I', 1, gre(0, 0x88be, frame), expected],
    ['ERSPAN II', 1, gre(0x1000, 0x88be, Buffer.alloc(4), Buffer.alloc(8), frame), expected],
    ['ERSPAN III', 1, gre(0x1000, 0x22eb, Buffer.alloc(4), Buffer.alloc(12), frame), expected],
    ['IP in IP', 101, ipv4(outer, 4, packet), expected],
  ]
  it.each(rows)('is found in %s', (_, link, bytes, text) => {
    expect(decode([[link, bytes]]).segments).toEqual([text])
  })
  it('was looked for in all of the table', () => expect(rows).toHaveLength(24))

  it('is not looked for in a third tunnel', () => {
    const { segments, counts } = decode([[1, tunnelled(vxlan(tunnelled(vxlan(tunnelled(vxlan(frame))))))]])
    expect([segments, counts.otherPackets]).toEqual([[], 1])
  })
})

describe('fragments', () => {
  const cut = (offset: number, end: number, id = 5) =>
    ipv4(ends, 6, segment.subarray(offset, end), { id, offset, more: end < segment.length })

  it('become their datagram in any order', () => {
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
    ]) {
      const parts = [cut(0, 8), cut(8, 16), cut(16, 25)]
      expect(decode(order.map(index => [101, parts[index]!])).segments).toEqual([expected])
    }
  })

  it('that come twice are one, that overlap are none', () => {
    expect(
      decode([
        [101, cut(0, 8)],
        [101, cut(0, 8)],
        [101, cut(8, 25)],
      ]).segments,
    ).toEqual([expected])
    const { segments, counts } = decode([
      [101, cut(0, 16)],
      [101, cut(8, 25)],
    ])
    expect([segments, counts.lostFragments]).toEqual([[], 2])
  })

  it('do not wait for ever, and not all', () => {
    expect(
      decode([
        [101, cut(0, 8), 0],
        [101, cut(8, 25), 60_000],
      ]).counts.lostFragments,
    ).toBe(2)
    const many = Array.from({ length: 100 }, (_, id) => [101, cut(0, 8, id)] as const)
    expect(decode(many).counts.lostFragments).toBe(100)
  })

  it('of IPv6 become their packet', () => {
    const part = (offset: number, end: number) =>
      ipv6(
        Buffer.from([6, 0, offset >> 8, (offset & 0xf8) | (end < segment.length ? 1 : 0), 0, 0, 0, 9]),
        44,
        segment.subarray(offset, end),
      )
    expect(
      decode([
        [101, part(0, 16)],
        [101, part(16, 25)],
      ]).segments,
    ).toEqual([expected6])
  })
})

it('never throws, whatever a packet is', () => {
  const known = [
    frame,
    tunnelled(vxlan(frame)),
    gre(0x3000, 0x22eb, Buffer.alloc(20), frame),
    ethernet(0x86dd, ipv6(option, 0, segment)),
    tunnelled(geneve(0x6558, 2, frame)),
  ]
  const bytes = fc
    .tuple(
      fc.constantFrom(...known),
      fc.array(fc.tuple(fc.nat(150), fc.nat(255)), { maxLength: 6 }),
      fc.nat(150),
    )
    .map(([whole, changes, end]) => {
      const changed = Buffer.from(whole)
      for (const [at, value] of changes) changed[at % changed.length] = value
      return changed.subarray(0, end)
    })
  const link = fc.constantFrom(0, 1, 12, 101, 108, 113, 276, 999)
  let packets = 0
  fc.assert(
    fc.property(
      fc.array(fc.tuple(link, fc.oneof(bytes, fc.uint8Array({ maxLength: 80 }).map(Buffer.from))), {
        maxLength: 8,
      }),
      list => {
        packets += list.length
        expect(decode(list as [number, Buffer][]).counts.packets).toBe(list.length)
      },
    ),
    { numRuns: 500 },
  )
  expect(packets).toBeGreaterThan(500)
})

describe('an address', () => {
  const rows = [
    ['00000000000000000000000000000001', '::1'],
    ['20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
    ['20010db8000100010001000100010001', '2001:db8:1:1:1:1:1:1'],
    ['00000000000000000000000000000000', '::'],
    ['00000000000000000000ffffc0000201', '192.0.2.1'],
    ['fe800000000000000000000000000000', 'fe80::'],
  ] as const
  it.each(rows)('%s is written %s', (bytes, text) => {
    expect(addressText(Buffer.from(bytes, 'hex').toString('latin1'))).toBe(text)
  })
  it('was written in all forms of the table', () => expect(rows).toHaveLength(6))
})
