/** One message of a WebSocket connection, as far as it was kept. */
export interface FramedMessage {
  readonly binary: boolean
  /** Bytes of its payload, over all fragments. */
  readonly size: number
  /** The first of them, unmasked; none of a message that an extension coded. */
  readonly bytes: Uint8Array
  /** There were more than `bytes`. */
  readonly truncated: boolean
  /** An extension coded it (RSV1 of its first frame; RFC 7692). */
  readonly coded: boolean
}

export interface FrameEvents {
  onMessage(message: FramedMessage): void
  /** A close frame, with its status where it has one. */
  onClose(status: number | undefined): void
}

const nothing = new Uint8Array(0)
const mostHead = 14
const continuation = 0x0
const text = 0x1
const binary = 0x2
const close = 0x8
const pong = 0xa

interface OpenMessage {
  readonly binary: boolean
  readonly coded: boolean
  readonly limit: number
  size: number
  held: number
  pieces: Uint8Array[]
}

/**
 * Reads one direction of a WebSocket connection (RFC 6455 §5) from its bytes, in whatever pieces they come: fragments are put together,
 * control frames between them left out. Of each message at most `keep` bytes are copied, of all else only lengths are counted, so that a
 * reader holds no more than that. What is no WebSocket ends the reading (`broken`); nothing throws, and nothing of the input is changed.
 */
export class FrameReader {
  readonly #masked: boolean
  readonly #events: FrameEvents
  readonly #head = new Uint8Array(mostHead)
  #headHeld = 0
  #headNeeded = 2
  #opcode = 0
  #final = false
  #mask = 0
  #inFrame = false
  #left = 0
  /** Bytes of the frame that went by: where in the mask the next one is. */
  #at = 0
  #message: OpenMessage | undefined
  #status: number[] = []
  /** Bytes to keep of messages that begin from now on. */
  keep: number
  /** Why nothing more is read. */
  broken: string | undefined

  /** @param masked whether frames of this direction are masked: those of clients are, those of servers are not */
  constructor(masked: boolean, keep: number, events: FrameEvents) {
    this.#masked = masked
    this.#events = events
    this.keep = keep
  }

  feed(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.length && this.broken === undefined) {
      if (!this.#inFrame) at = this.#feedHead(chunk, at)
      else {
        const end = Math.min(chunk.length, at + this.#left)
        this.#feedPayload(chunk, at, end)
        this.#left -= end - at
        this.#at += end - at
        at = end
      }
      if (this.#inFrame && this.#left === 0) this.#endFrame()
    }
  }

  #feedHead(chunk: Uint8Array, from: number): number {
    let at = from
    while (this.#headHeld < this.#headNeeded && at < chunk.length) {
      this.#head[this.#headHeld] = chunk[at]!
      this.#headHeld += 1
      at += 1
      if (this.#headHeld === 2) this.#headNeeded = this.#headLength()
    }
    if (this.#headHeld === this.#headNeeded) this.#readHead()
    return at
  }

  #headLength(): number {
    const second = this.#head[1]!
    const length = second & 0x7f
    return 2 + (length === 126 ? 2 : length === 127 ? 8 : 0) + ((second & 0x80) === 0 ? 0 : 4)
  }

  #readHead(): void {
    const head = this.#head
    const view = new DataView(head.buffer)
    const first = head[0]!
    const short = head[1]! & 0x7f
    this.#final = (first & 0x80) !== 0
    this.#opcode = first & 0x0f
    let length = short
    let at = 2
    if (short === 126) {
      length = view.getUint16(2)
      at = 4
    } else if (short === 127) {
      const long = view.getBigUint64(2)
      if (long > BigInt(Number.MAX_SAFE_INTEGER)) {
        this.#break('a frame longer than can be')
        return
      }
      length = Number(long)
      at = 10
    }
    const masked = (head[1]! & 0x80) !== 0
    if (masked !== this.#masked) {
      this.#break(masked ? 'a masked frame' : 'a frame without a mask')
      return
    }
    this.#mask = masked ? view.getUint32(at) : 0
    this.#headHeld = 0
    this.#headNeeded = 2
    this.#left = length
    this.#at = 0
    this.#begin((first & 0x70) >> 4)
  }

  #begin(reserved: number): void {
    const opcode = this.#opcode
    if (opcode >= close) {
      if (opcode > pong || !this.#final || this.#left > 125 || reserved !== 0) {
        this.#break('a control frame that cannot be')
        return
      }
      this.#status = []
    } else if (opcode === continuation) {
      if (this.#message === undefined || reserved !== 0) {
        this.#break('a fragment without a beginning')
        return
      }
    } else {
      if ((opcode !== text && opcode !== binary) || (reserved & 0x3) !== 0 || this.#message !== undefined) {
        this.#break('a frame that cannot be')
        return
      }
      const coded = reserved !== 0
      this.#message = {
        binary: opcode === binary,
        coded,
        limit: coded ? 0 : Math.max(0, this.keep),
        size: 0,
        held: 0,
        pieces: [],
      }
    }
    this.#inFrame = true
  }

  #feedPayload(chunk: Uint8Array, from: number, to: number): void {
    if (this.#opcode === close) {
      for (let at = from; at < to && this.#status.length < 2; at += 1)
        this.#status.push(chunk[at]! ^ this.#maskAt(this.#at + at - from))
      return
    }
    const message = this.#message
    if (this.#opcode > close || message === undefined) return
    message.size += to - from
    const room = Math.min(to - from, message.limit - message.held)
    if (room <= 0) return
    const piece = chunk.slice(from, from + room)
    if (this.#mask !== 0) for (let at = 0; at < room; at += 1) piece[at]! ^= this.#maskAt(this.#at + at)
    message.pieces.push(piece)
    message.held += room
    // Many tiny pieces cost far more than their bytes: they become one.
    if (message.pieces.length > 64) message.pieces = [joined(message.pieces)]
  }

  #maskAt(index: number): number {
    return (this.#mask >>> (24 - 8 * (index & 3))) & 0xff
  }

  #endFrame(): void {
    this.#inFrame = false
    if (this.#opcode === close) {
      const [high, low] = this.#status
      this.#events.onClose(high === undefined || low === undefined ? undefined : high * 256 + low)
      return
    }
    const message = this.#message
    if (this.#opcode > close || !this.#final || message === undefined) return
    this.#message = undefined
    const { pieces, size, held, coded } = message
    this.#events.onMessage({
      binary: message.binary,
      size,
      bytes: pieces.length === 0 ? nothing : pieces.length === 1 ? pieces[0]! : joined(pieces),
      truncated: held < size,
      coded,
    })
  }

  #break(why: string): void {
    this.broken = why
    this.#message = undefined
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}
