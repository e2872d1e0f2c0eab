import { ByteQueue } from './byte-queue.ts'

/** A packet as it was captured. Its bytes are valid only while it is handed on: who keeps them, copies. */
export interface CapturedPacket {
  /** Ms since the epoch, with a fraction. */
  readonly time: number
  /** `LINKTYPE_…` (tcpdump.org/linktypes.html). */
  readonly link: number
  readonly bytes: Buffer
}

export interface CaptureEvents {
  packet(packet: CapturedPacket): void
  /** @param position Of the packet or block, from 1. @param final Nothing more can be read. */
  fault(position: number, reason: string, final: boolean): void
}

interface Interface {
  readonly link: number
  readonly snapLength: number
  readonly unitsPerSecond: number
  readonly offsetSeconds: number
}

const sectionHeader = 0x0a0d0d0a
const byteOrderMagic = 0x1a2b3c4d
const mostInterfaces = 1_024
/** Nobody writes longer records; a length beyond it is no length. */
const longestRecord = 128 * 1024 * 1024
const lastTime = 8.64e15

const pcapMagics: ReadonlyMap<number, { readonly nano: boolean; readonly patched: boolean }> = new Map([
  [0xa1b2c3d4, { nano: false, patched: false }],
  [0xa1b23c4d, { nano: true, patched: false }],
  // Its records have eight bytes more.
  [0xa1b2cd34, { nano: false, patched: true }],
])

/** Whether a file that begins so is a capture. */
export function isCapture(bytes: Uint8Array): boolean {
  if (bytes.length < 24) return false
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, 12)
  const magic = head.readUInt32BE(0)
  if (magic === sectionHeader)
    return head.readUInt32BE(8) === byteOrderMagic || head.readUInt32LE(8) === byteOrderMagic
  return pcapMagics.has(magic) || pcapMagics.has(head.readUInt32LE(0))
}

/**
 * Reads pcap (also with nanoseconds) and pcapng in either byte order, in whatever chunks they come (IETF draft-ietf-opsawg-pcap,
 * draft-ietf-opsawg-pcapng). Never throws; what cannot be read is told, and holds at most one packet.
 */
export class CaptureReader {
  readonly #queue = new ByteQueue()
  readonly #events: CaptureEvents
  readonly #packetBytes: number
  #form: 'unknown' | 'pcap' | 'pcapng' | 'ended' = 'unknown'
  #little = true
  #nano = false
  #recordHead = 16
  #link = 0
  #interfaces: Interface[] = []
  #skip = 0
  #position = 0
  #time = 0

  /** @param packetBytes A longer packet is left out. */
  constructor(packetBytes: number, events: CaptureEvents) {
    this.#packetBytes = packetBytes
    this.#events = events
  }

  feed(chunk: Uint8Array): void {
    if (this.#form === 'ended') return
    this.#queue.add(chunk)
    for (;;) {
      if (this.#skip > 0) this.#skip -= this.#queue.drop(this.#skip)
      if (this.#skip > 0 || !this.#step()) return
    }
  }

  /** Nothing more comes. */
  end(): void {
    if (this.#form === 'ended') return
    const rest = this.#queue.size
    if (this.#form === 'unknown' || rest > 0 || this.#skip > 0) {
      this.#position += 1
      this.#fault('The capture ends within a packet.', true)
    }
    this.#form = 'ended'
  }

  #step(): boolean {
    switch (this.#form) {
      case 'unknown':
        return this.#begin()
      case 'pcap':
        return this.#record()
      case 'pcapng':
        return this.#block()
      case 'ended':
        return false
    }
  }

  #fault(reason: string, final: boolean): false {
    this.#events.fault(Math.max(1, this.#position), reason, final)
    if (final) {
      this.#form = 'ended'
      this.#queue.drop(this.#queue.size)
    }
    return false
  }

  #begin(): boolean {
    const magic = this.#queue.peek(4)?.readUInt32BE(0)
    if (magic === undefined) return false
    if (magic === sectionHeader) {
      this.#form = 'pcapng'
      return true
    }
    const head = this.#queue.peek(24)
    if (head === undefined) return false
    this.#little = pcapMagics.has(head.readUInt32LE(0))
    const kind = pcapMagics.get(this.#u32(head, 0))
    if (kind === undefined) return this.#fault('It is no capture.', true)
    this.#nano = kind.nano
    this.#recordHead = kind.patched ? 24 : 16
    // The upper bits tell of checksums.
    this.#link = this.#u32(head, 20) & 0x03ffffff
    this.#queue.drop(24)
    this.#form = 'pcap'
    return true
  }

  #record(): boolean {
    const head = this.#queue.peek(this.#recordHead)
    if (head === undefined) return false
    const seconds = this.#u32(head, 0)
    const fraction = this.#u32(head, 4)
    const length = this.#u32(head, 8)
    if (length > longestRecord) {
      this.#position += 1
      return this.#fault(`A packet says that it has ${length} bytes: nothing more can be read.`, true)
    }
    if (length > this.#packetBytes) {
      this.#position += 1
      this.#tooLong(length)
      this.#skip = this.#recordHead + length
      return true
    }
    const whole = this.#queue.peek(this.#recordHead + length)
    if (whole === undefined) return false
    this.#position += 1
    this.#hand(
      seconds * 1000 + fraction / (this.#nano ? 1e6 : 1e3),
      this.#link,
      whole.subarray(this.#recordHead),
    )
    this.#queue.drop(whole.length)
    return true
  }

  #block(): boolean {
    const head = this.#queue.peek(12)
    if (head === undefined) return false
    const isSection = head.readUInt32BE(0) === sectionHeader
    if (isSection) {
      if (head.readUInt32LE(8) === byteOrderMagic) this.#little = true
      else if (head.readUInt32BE(8) === byteOrderMagic) this.#little = false
      else return this.#fault('A section of the capture has no byte order.', true)
      this.#interfaces = []
    }
    const length = (this.#u32(head, 4) + 3) & ~3
    if (length < 12 || length > longestRecord) {
      this.#position += 1
      return this.#fault(`A block says that it has ${length >>> 0} bytes: nothing more can be read.`, true)
    }
    if (length > this.#packetBytes + 4_096) {
      this.#position += 1
      this.#tooLong(length)
      this.#skip = length
      return true
    }
    const block = this.#queue.peek(length)
    if (block === undefined) return false
    this.#position += 1
    // Without the length that stands again at the end.
    this.#readBlock(this.#u32(block, 0), block.subarray(8, length - 4))
    this.#queue.drop(length)
    return true
  }

  #readBlock(type: number, body: Buffer): void {
    if (type === 1) this.#describe(body)
    else if (type === 6) this.#enhanced(body, 0, 4)
    // The former packet block: a short for the interface, one for drops.
    else if (type === 2) this.#enhanced(body, 0, 2)
    else if (type === 3) this.#simple(body)
  }

  #describe(body: Buffer): void {
    if (body.length < 8 || this.#interfaces.length >= mostInterfaces) {
      this.#fault('An interface of the capture is not described, or there are too many.', false)
      return
    }
    let unitsPerSecond = 1e6
    let offsetSeconds = 0
    for (let at = 8; at + 4 <= body.length; ) {
      const code = this.#u16(body, at)
      const length = this.#u16(body, at + 2)
      const value = at + 4
      if (code === 0 || value + length > body.length) break
      if (code === 9 && length >= 1) {
        const resolution = body[value]!
        unitsPerSecond = resolution & 0x80 ? 2 ** (resolution & 0x7f) : 10 ** (resolution & 0x7f)
      } else if (code === 14 && length >= 8)
        offsetSeconds = Number(this.#little ? body.readBigInt64LE(value) : body.readBigInt64BE(value))
      at = value + ((length + 3) & ~3)
    }
    this.#interfaces.push({
      link: this.#u16(body, 0),
      snapLength: this.#u32(body, 4),
      unitsPerSecond,
      offsetSeconds,
    })
  }

  #enhanced(body: Buffer, at: number, interfaceSize: 2 | 4): void {
    if (body.length < 20) {
      this.#fault('A packet block is too short.', false)
      return
    }
    const from = this.#interfaces[interfaceSize === 4 ? this.#u32(body, at) : this.#u16(body, at)]
    const length = this.#u32(body, 12)
    if (from === undefined || length > body.length - 20) {
      this.#fault('A packet names no interface, or says that it is longer than its block.', false)
      return
    }
    const units = this.#u32(body, 4) * 4_294_967_296 + this.#u32(body, 8)
    const time = (units / from.unitsPerSecond + from.offsetSeconds) * 1000
    this.#hand(time, from.link, body.subarray(20, 20 + length))
  }

  #simple(body: Buffer): void {
    const from = this.#interfaces[0]
    if (body.length < 4 || from === undefined) {
      this.#fault('A packet names no interface.', false)
      return
    }
    const bound = from.snapLength === 0 ? body.length - 4 : Math.min(from.snapLength, body.length - 4)
    // It has no time of its own.
    this.#hand(this.#time, from.link, body.subarray(4, 4 + Math.min(this.#u32(body, 0), bound)))
  }

  #hand(time: number, link: number, bytes: Buffer): void {
    if (time >= 0 && time <= lastTime) this.#time = time
    this.#events.packet({ time: this.#time, link, bytes })
  }

  #tooLong(length: number): void {
    this.#fault(`A packet of ${length} bytes is longer than ${this.#packetBytes} and left out.`, false)
  }

  #u16(bytes: Buffer, at: number): number {
    return this.#little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at)
  }

  #u32(bytes: Buffer, at: number): number {
    return this.#little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at)
  }
}
