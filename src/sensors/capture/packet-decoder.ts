import type { CaptureCounts } from './capture-counts.ts'
import type { CapturedPacket } from './capture-reader.ts'
import { DatagramPieces } from './datagram-pieces.ts'
import { byEtherType, ethernetPayload, type NetworkPacket, networkPacketOf } from './link-layer.ts'

export const tcpFlags = { fin: 1, syn: 2, rst: 4, ack: 16 } as const

/** A TCP segment. Addresses are their bytes as characters: 4 or 16. The payload is valid only while it is handed on. */
export interface TcpSegment {
  readonly time: number
  readonly source: string
  readonly sourcePort: number
  readonly target: string
  readonly targetPort: number
  readonly sequence: number
  readonly acknowledged: number
  readonly flags: number
  readonly payload: Buffer
}

/** An encapsulation in an encapsulation in an encapsulation is left out. */
const mostTunnels = 2
const mostExtensions = 8
const vxlanPorts = new Set([4789, 8472])
const genevePort = 6081

/**
 * From captured packets to TCP segments: link layer, IPv4 and IPv6 with fragments and extension headers, and the tunnels that mirrored
 * traffic comes in: VXLAN (RFC 7348, as AWS traffic mirroring sends it), Geneve (RFC 8926), GRE (RFC 2784, 2890), ERSPAN, IP in IP.
 */
export class PacketDecoder {
  readonly #counts: CaptureCounts
  readonly #onSegment: (segment: TcpSegment) => void
  readonly #pieces: DatagramPieces
  #time = 0

  constructor(datagrams: number, counts: CaptureCounts, onSegment: (segment: TcpSegment) => void) {
    this.#pieces = new DatagramPieces(datagrams)
    this.#counts = counts
    this.#onSegment = onSegment
  }

  packet({ time, link, bytes }: CapturedPacket): void {
    this.#counts.packets += 1
    this.#time = time
    if (!this.#network(bytes, networkPacketOf(link, bytes), 0)) this.#counts.otherPackets += 1
    this.#counts.lostFragments = this.#pieces.lost
  }

  /** Nothing more comes. */
  flush(): void {
    this.#pieces.flush()
    this.#counts.lostFragments = this.#pieces.lost
  }

  /** False where it is of no kind that is read. */
  #network(bytes: Buffer, { protocol, at }: NetworkPacket, tunnels: number): boolean {
    if (protocol === 'other' || at >= bytes.length || tunnels > mostTunnels) return false
    const packet = at === 0 ? bytes : bytes.subarray(at)
    const version = packet[0]! >> 4
    return version === 4 ? this.#ipv4(packet, tunnels) : version === 6 ? this.#ipv6(packet, tunnels) : false
  }

  #ipv4(packet: Buffer, tunnels: number): boolean {
    if (packet.length < 20) return false
    const header = (packet[0]! & 15) * 4
    if (header < 20 || packet.length < header) return false
    // 0 where the network card cuts the packet later.
    const total = packet.readUInt16BE(2)
    const end = total < header ? packet.length : Math.min(total, packet.length)
    const source = packet.toString('latin1', 12, 16)
    const target = packet.toString('latin1', 16, 20)
    const protocol = packet[9]!
    const payload = packet.subarray(header, end)
    const fragment = packet.readUInt16BE(6)
    const offset = (fragment & 0x1fff) * 8
    const more = (fragment & 0x2000) !== 0
    if (offset === 0 && !more) return this.#transport(protocol, source, target, payload, tunnels)
    const key = `4${source}${target}${protocol}:${packet.readUInt16BE(4)}`
    const whole = this.#pieces.add(key, offset, payload, !more, this.#time)
    return whole === undefined || this.#transport(protocol, source, target, whole, tunnels)
  }

  #ipv6(packet: Buffer, tunnels: number): boolean {
    if (packet.length < 40) return false
    const length = packet.readUInt16BE(4)
    const end = length === 0 ? packet.length : Math.min(40 + length, packet.length)
    const source = packet.toString('latin1', 8, 24)
    const target = packet.toString('latin1', 24, 40)
    let next = packet[6]!
    let at = 40
    for (let extensions = 0; extensions < mostExtensions; extensions += 1) {
      switch (next) {
        // Hop by hop, routing, destination options, mobility, host identity, shim.
        case 0:
        case 43:
        case 60:
        case 135:
        case 139:
        case 140:
          if (at + 8 > end) return false
          next = packet[at]!
          at += (packet[at + 1]! + 1) * 8
          break
        // Authentication.
        case 51:
          if (at + 8 > end) return false
          next = packet[at]!
          at += (packet[at + 1]! + 2) * 4
          break
        case 44: {
          if (at + 8 > end) return false
          const after = packet[at]!
          const place = packet.readUInt16BE(at + 2)
          const payload = packet.subarray(at + 8, end)
          if ((place & 0xfff9) === 0) {
            next = after
            at += 8
            break
          }
          const key = `6${source}${target}${packet.readUInt32BE(at + 4)}`
          const whole = this.#pieces.add(key, place & 0xfff8, payload, (place & 1) === 0, this.#time)
          return whole === undefined || this.#transport(after, source, target, whole, tunnels)
        }
        default:
          return at <= end && this.#transport(next, source, target, packet.subarray(at, end), tunnels)
      }
    }
    return false
  }

  #transport(protocol: number, source: string, target: string, payload: Buffer, tunnels: number): boolean {
    switch (protocol) {
      case 6:
        return this.#tcp(source, target, payload)
      case 17:
        return this.#udp(payload, tunnels)
      case 47:
        return this.#gre(payload, tunnels)
      case 4:
      case 41:
        return this.#network(payload, { protocol: 'ip', at: 0 }, tunnels + 1)
      default:
        return false
    }
  }

  #tcp(source: string, target: string, bytes: Buffer): boolean {
    if (bytes.length < 20) return false
    const header = (bytes[12]! >> 4) * 4
    if (header < 20 || header > bytes.length) return false
    this.#onSegment({
      time: this.#time,
      source,
      sourcePort: bytes.readUInt16BE(0),
      target,
      targetPort: bytes.readUInt16BE(2),
      sequence: bytes.readUInt32BE(4),
      acknowledged: bytes.readUInt32BE(8),
      flags: bytes[13]!,
      payload: bytes.subarray(header),
    })
    return true
  }

  #udp(bytes: Buffer, tunnels: number): boolean {
    if (bytes.length < 16) return false
    const port = bytes.readUInt16BE(2)
    // The flag says that there is a network identifier.
    if (vxlanPorts.has(port) && (bytes[8]! & 0x08) !== 0)
      return this.#network(bytes, ethernetPayload(bytes, 16), tunnels + 1)
    if (port !== genevePort || bytes[8]! >> 6 !== 0) return false
    const at = 16 + (bytes[8]! & 0x3f) * 4
    return this.#network(bytes, this.#inner(bytes, bytes.readUInt16BE(10), at), tunnels + 1)
  }

  #gre(bytes: Buffer, tunnels: number): boolean {
    if (bytes.length < 4) return false
    const flags = bytes.readUInt16BE(0)
    // Version 1 is PPTP; routing was taken out by RFC 2784.
    if ((flags & 0x4007) !== 0) return false
    const type = bytes.readUInt16BE(2)
    const numbered = (flags & 0x1000) !== 0
    let at = 4 + ((flags & 0x8000) !== 0 ? 4 : 0) + ((flags & 0x2000) !== 0 ? 4 : 0) + (numbered ? 4 : 0)
    if (type === 0x88be)
      return this.#network(bytes, ethernetPayload(bytes, at + (numbered ? 8 : 0)), tunnels + 1)
    if (type === 0x22eb) {
      if (bytes.length < at + 12) return false
      at += 12 + ((bytes[at + 11]! & 1) !== 0 ? 8 : 0)
      return this.#network(bytes, ethernetPayload(bytes, at), tunnels + 1)
    }
    return this.#network(bytes, this.#inner(bytes, type, at), tunnels + 1)
  }

  #inner(bytes: Buffer, type: number, at: number): NetworkPacket {
    return type === 0x6558 ? ethernetPayload(bytes, at) : byEtherType(bytes, type, at)
  }
}

/** An address from its bytes as characters. */
export function addressText(packed: string): string {
  if (packed.length === 4)
    return `${packed.charCodeAt(0)}.${packed.charCodeAt(1)}.${packed.charCodeAt(2)}.${packed.charCodeAt(3)}`
  const groups = Array.from(
    { length: 8 },
    (_, index) => (packed.charCodeAt(index * 2) << 8) | packed.charCodeAt(index * 2 + 1),
  )
  if (groups.slice(0, 5).every(group => group === 0) && groups[5] === 0xffff)
    return addressText(packed.slice(12))
  // RFC 5952: the longest run of two zero groups or more becomes `::`.
  let best = -1
  let longest = 1
  for (let from = 0; from < 8; from += 1) {
    let to = from
    while (to < 8 && groups[to] === 0) to += 1
    if (to - from > longest) {
      best = from
      longest = to - from
    }
  }
  const hex = groups.map(group => group.toString(16))
  return best < 0 ? hex.join(':') : `${hex.slice(0, best).join(':')}::${hex.slice(best + longest).join(':')}`
}
