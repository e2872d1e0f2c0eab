import type { FlowEvent } from '../../call/flow-event.ts'
import type { RawExchange } from '../../call/raw-exchange.ts'
import { CaptureIntake } from './capture-intake.ts'
import type { CaptureLimits } from './capture-options.ts'
import { tcpFlags } from './packet-decoder.ts'

/** Captures for tests, built byte by byte. */
export interface BuiltPacket {
  readonly time: number
  readonly bytes: Buffer
}

export interface PacketEnds {
  readonly from: readonly [ip: string, port: number]
  readonly to: readonly [ip: string, port: number]
}

const client = ['10.0.0.1', 40_000] as const
const server = ['10.0.0.2', 8_080] as const

const ipv4Bytes = (ip: string): Buffer => Buffer.from(ip.split('.').map(Number))

export function tcpSegment(
  { from, to }: PacketEnds,
  sequence: number,
  acknowledged: number,
  flags: number,
  payload: Uint8Array,
): Buffer {
  const head = Buffer.alloc(20)
  head.writeUInt16BE(from[1], 0)
  head.writeUInt16BE(to[1], 2)
  head.writeUInt32BE(sequence >>> 0, 4)
  head.writeUInt32BE(acknowledged >>> 0, 8)
  head[12] = 5 << 4
  head[13] = flags
  return Buffer.concat([head, payload])
}

export function ipv4(
  { from, to }: PacketEnds,
  protocol: number,
  payload: Uint8Array,
  fragment: { readonly id: number; readonly offset: number; readonly more: boolean } = {
    id: 0,
    offset: 0,
    more: false,
  },
): Buffer {
  const head = Buffer.alloc(20)
  head[0] = 0x45
  head.writeUInt16BE(20 + payload.length, 2)
  head.writeUInt16BE(fragment.id, 4)
  head.writeUInt16BE((fragment.more ? 0x2000 : 0) | (fragment.offset >> 3), 6)
  head[8] = 64
  head[9] = protocol
  ipv4Bytes(from[0]).copy(head, 12)
  ipv4Bytes(to[0]).copy(head, 16)
  return Buffer.concat([head, payload])
}

export function ipv6(extensions: Uint8Array, first: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(40)
  head[0] = 0x60
  head.writeUInt16BE(extensions.length + payload.length, 4)
  head[6] = first
  head[7] = 64
  Buffer.from('20010db8000000000000000000000001', 'hex').copy(head, 8)
  Buffer.from('20010db8000000000000000000000002', 'hex').copy(head, 24)
  return Buffer.concat([head, extensions, payload])
}

export const ethernet = (type: number, payload: Uint8Array): Buffer =>
  Buffer.concat([Buffer.alloc(12, 2), Buffer.from([type >> 8, type & 255]), payload])

export const udp = (port: number, payload: Uint8Array): Buffer => {
  const head = Buffer.alloc(8)
  head.writeUInt16BE(50_000, 0)
  head.writeUInt16BE(port, 2)
  head.writeUInt16BE(8 + payload.length, 4)
  return Buffer.concat([head, payload])
}

export const vxlan = (frame: Uint8Array): Buffer =>
  udp(4789, Buffer.concat([Buffer.from([8, 0, 0, 0, 0, 0, 7, 0]), frame]))

/** Both ends of a connection: what each says becomes packets with the right numbers. */
export class Talk {
  readonly packets: BuiltPacket[] = []
  readonly ends: PacketEnds
  time: number
  #next = { client: 1_000, server: 5_000 }

  constructor(
    options: {
      readonly clientPort?: number
      readonly serverPort?: number
      readonly time?: number
      readonly first?: number
    } = {},
  ) {
    this.ends = {
      from: [client[0], options.clientPort ?? client[1]],
      to: [server[0], options.serverPort ?? server[1]],
    }
    this.time = options.time ?? 1_796_000_000_000
    if (options.first !== undefined) this.#next = { client: options.first, server: options.first + 7 }
  }

  open(): this {
    this.#send('client', tcpFlags.syn, Buffer.alloc(0))
    this.#next.client += 1
    this.#send('server', tcpFlags.syn | tcpFlags.ack, Buffer.alloc(0))
    this.#next.server += 1
    this.#send('client', tcpFlags.ack, Buffer.alloc(0))
    return this
  }

  /** @param size Bytes of one segment. */
  client(data: string | Uint8Array, size = 1_400): this {
    return this.#say('client', data, size)
  }

  server(data: string | Uint8Array, size = 1_400): this {
    return this.#say('server', data, size)
  }

  close(): this {
    this.#send('client', tcpFlags.fin | tcpFlags.ack, Buffer.alloc(0))
    this.#next.client += 1
    this.#send('server', tcpFlags.fin | tcpFlags.ack, Buffer.alloc(0))
    this.#next.server += 1
    return this
  }

  reset(): this {
    this.#send('server', tcpFlags.rst | tcpFlags.ack, Buffer.alloc(0))
    return this
  }

  wait(milliseconds: number): this {
    this.time += milliseconds
    return this
  }

  /** A segment at a place of the client's stream that was passed before. */
  again(back: number, data: string): this {
    const sequence = this.#next.client - back
    this.#packet('client', sequence, tcpFlags.ack, Buffer.from(data))
    return this
  }

  #say(who: 'client' | 'server', data: string | Uint8Array, size: number): this {
    const bytes = Buffer.from(data as Uint8Array)
    for (let at = 0; at < bytes.length; at += size) {
      const piece = bytes.subarray(at, at + size)
      this.#send(who, tcpFlags.ack, piece)
      this.#next[who] = (this.#next[who] + piece.length) >>> 0
    }
    return this
  }

  #send(who: 'client' | 'server', flags: number, payload: Buffer): void {
    this.#packet(who, this.#next[who], flags, payload)
  }

  #packet(who: 'client' | 'server', sequence: number, flags: number, payload: Buffer): void {
    const { from, to } = this.ends
    const ends = who === 'client' ? { from, to } : { from: to, to: from }
    const acknowledged = (flags & tcpFlags.ack) === 0 ? 0 : this.#next[who === 'client' ? 'server' : 'client']
    this.time += 1
    this.packets.push({
      time: this.time,
      bytes: ethernet(0x0800, ipv4(ends, 6, tcpSegment(ends, sequence, acknowledged, flags, payload))),
    })
  }
}

/** A pcap file of Ethernet packets. */
export function pcapFile(
  packets: readonly BuiltPacket[],
  options: { readonly little?: boolean; readonly nano?: boolean; readonly link?: number } = {},
): Buffer {
  const little = options.little ?? true
  const word = (value: number): Buffer => {
    const bytes = Buffer.alloc(4)
    if (little) bytes.writeUInt32LE(value >>> 0)
    else bytes.writeUInt32BE(value >>> 0)
    return bytes
  }
  const version = Buffer.alloc(4)
  if (little) version.set([2, 0, 4, 0])
  else version.set([0, 2, 0, 4])
  const nano = options.nano === true
  return Buffer.concat([
    word(nano ? 0xa1b23c4d : 0xa1b2c3d4),
    version,
    word(0),
    word(0),
    word(262_144),
    word(options.link ?? 1),
    ...packets.flatMap(({ time, bytes }) => [
      word(Math.floor(time / 1000)),
      word(Math.round((time % 1000) * (nano ? 1e6 : 1e3))),
      word(bytes.length),
      word(bytes.length),
      bytes,
    ]),
  ])
}

/** A pcapng file; each packet says which interface it came in by. */
export function pcapngFile(
  packets: readonly (BuiltPacket & { readonly interface?: number; readonly simple?: boolean })[],
  options: {
    readonly little?: boolean
    readonly interfaces?: readonly { readonly link: number; readonly resolution?: number }[]
  } = {},
): Buffer {
  const little = options.little ?? true
  const interfaces = options.interfaces ?? [{ link: 1 }]
  const word = (value: number): Buffer => {
    const bytes = Buffer.alloc(4)
    if (little) bytes.writeUInt32LE(value >>> 0)
    else bytes.writeUInt32BE(value >>> 0)
    return bytes
  }
  const short = (value: number): Buffer => {
    const bytes = Buffer.alloc(2)
    if (little) bytes.writeUInt16LE(value)
    else bytes.writeUInt16BE(value)
    return bytes
  }
  const block = (type: number, ...parts: Buffer[]): Buffer => {
    const body = Buffer.concat(parts)
    const padded = Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)])
    return Buffer.concat([word(type), word(padded.length + 12), padded, word(padded.length + 12)])
  }
  return Buffer.concat([
    block(0x0a0d0d0a, word(0x1a2b3c4d), short(1), short(0), word(0xffffffff), word(0xffffffff)),
    ...interfaces.map(({ link, resolution }) =>
      block(
        1,
        short(link),
        short(0),
        word(262_144),
        ...(resolution === undefined
          ? []
          : [short(9), short(1), Buffer.from([resolution, 0, 0, 0]), short(0), short(0)]),
      ),
    ),
    ...packets.map(({ time, bytes, interface: from = 0, simple }) => {
      if (simple === true) return block(3, word(bytes.length), bytes)
      const resolution = interfaces[from]?.resolution ?? 6
      const units = BigInt(Math.round(time * 1000)) * 10n ** BigInt(resolution - 6)
      const [high, low] = [Number(units >> 32n), Number(units & 0xffffffffn)]
      return block(6, word(from), word(high), word(low), word(bytes.length), word(bytes.length), bytes)
    }),
  ])
}

/** What an intake makes of packets. */
export interface Taken {
  readonly calls: readonly RawExchange[]
  readonly flows: readonly FlowEvent[]
  readonly intake: CaptureIntake
}

export function taken(packets: readonly BuiltPacket[], limits: Partial<CaptureLimits> = {}, link = 1): Taken {
  const calls: RawExchange[] = []
  const flows: FlowEvent[] = []
  let count = 0
  const intake = new CaptureIntake(
    {
      call: exchange => calls.push(exchange),
      event: event => {
        if (event.type === 'flow') flows.push(event)
      },
    },
    () => {
      count += 1
      return `c${count}`
    },
    limits,
  )
  for (const { time, bytes } of packets) intake.packet({ time, link, bytes })
  intake.flush()
  return { calls, flows, intake }
}

/** A call in a line: `GET /a 200 5`. */
export const inShort = ({ request, response }: RawExchange): string =>
  [
    request.method,
    request.target,
    ...(request.body === undefined ? [] : [`+${request.body.size}${request.body.truncated ? '…' : ''}`]),
    response === undefined
      ? '-'
      : `${response.status} ${response.body?.size ?? 0}${response.body?.truncated === true ? '…' : ''}`,
  ].join(' ')
