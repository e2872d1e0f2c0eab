import { ChunkedDecoder, MessageFault } from './chunked-decoder.ts'
import { readTrailers } from './header-rules.ts'
import type { RefusalShape } from './refusal.ts'
import { type HeadLimits, RefusedHead, type RequestHead, readRequestHead } from './request-head.ts'

export interface ReaderLimits extends HeadLimits {
  /** Request line and headers together; a trailer section is held to the same. */
  readonly maxHeaderBytes: number
}

/** What a reader finds, in order. After `onRefused` it reads no more. */
export interface RequestEvents {
  onHead(head: RequestHead): void
  /** A view of what was given to `read`. */
  onBody(bytes: Buffer): void
  onEnd(trailers: readonly string[]): void
  onRefused(refused: RefusedHead): void
}

const states = { head: 0, length: 1, chunked: 2, done: 3, refused: 4 } as const
type State = (typeof states)[keyof typeof states]

/** Empty lines before a request line that are read past (RFC 9112 §2.2). */
const maxEmptyLines = 2

/** What no head holds, wherever it ends: it is refused without waiting for the rest. */
const neverInHead = /[^\t\r\n\x20-\x7e\x80-\xff]|[^\r]\n/

/**
 * Reads the requests of one HTTP/1.x connection, strictly: what it lets through, any strict parser reads as the same method, target,
 * headers and body. Fed in any pieces; it stops at the end of each request until it is told to go on, so that the next one is not
 * read before its turn.
 */
export class RequestReader {
  readonly #limits: ReaderLimits
  readonly #events: RequestEvents
  #state: State = states.head
  /** A head that came in pieces: the first `#held` bytes. */
  #buffer: Buffer | undefined
  #held = 0
  #emptyLines = 0
  #remaining = 0
  #decoder: ChunkedDecoder | undefined

  constructor(limits: ReaderLimits, events: RequestEvents) {
    this.#limits = limits
    this.#events = events
  }

  /** Between two requests, with nothing of the next one here. */
  get idle(): boolean {
    return this.#state === states.head && this.#held === 0
  }

  /** Within a head. */
  get inHead(): boolean {
    return this.#state === states.head
  }

  /** The request is complete; `next` lets the one behind it be read. */
  get done(): boolean {
    return this.#state === states.done
  }

  /** Bytes of the body that are still to come; undefined where that is not known. */
  get remaining(): number | undefined {
    return this.#state === states.length ? this.#remaining : undefined
  }

  next(): void {
    this.#state = states.head
    this.#emptyLines = 0
  }

  /** Reads `bytes[from..to)` up to the end of the request. Returns where it stopped. */
  read(bytes: Buffer, from: number, to: number): number {
    let at = from
    while (at < to) {
      switch (this.#state) {
        case states.head:
          at = this.#held === 0 ? this.#readHead(bytes, at, to) : this.#readHeld(bytes, at, to)
          break
        case states.length: {
          const end = Math.min(to, at + this.#remaining)
          this.#remaining -= end - at
          const piece = bytes.subarray(at, end)
          at = end
          this.#events.onBody(piece)
          if (this.#remaining === 0 && this.#state === states.length) this.#end([])
          break
        }
        case states.chunked:
          at = this.#readChunks(bytes, at, to)
          break
        default:
          return at
      }
    }
    return at
  }

  /** The usual case: the whole head in one piece. */
  #readHead(bytes: Buffer, from: number, to: number): number {
    let at = from
    while (bytes[at] === 13 && at + 1 < to && bytes[at + 1] === 10) {
      this.#emptyLines += 1
      if (this.#emptyLines > maxEmptyLines) return this.#refuse('bad-request', to)
      at += 2
    }
    if (at === to) return to
    const text = bytes.toString('latin1', at, Math.min(to, at + this.#limits.maxHeaderBytes + 4))
    const end = text.indexOf('\r\n\r\n')
    if (end === -1) {
      this.#hold(bytes, at, to)
      return to
    }
    this.#onText(text.slice(0, end + 2))
    return at + end + 4
  }

  #readHeld(bytes: Buffer, from: number, to: number): number {
    const held = this.#held
    this.#hold(bytes, from, to)
    const buffer = this.#buffer
    if (buffer === undefined) return to
    // An empty line whose two bytes came apart.
    if (held === 1 && buffer[0] === 13 && buffer[1] === 10) {
      this.#held = 0
      this.#emptyLines += 1
      if (this.#emptyLines > maxEmptyLines) return this.#refuse('bad-request', to)
      return from + 1
    }
    const end = buffer.subarray(0, this.#held).indexOf('\r\n\r\n', Math.max(0, held - 3), 'latin1')
    if (end === -1) return to
    this.#held = 0
    this.#buffer = undefined
    this.#onText(buffer.toString('latin1', 0, end + 2))
    return from + end + 4 - held
  }

  /** Keeps a piece of a head, unless it cannot become one. */
  #hold(bytes: Buffer, from: number, to: number): void {
    const { maxHeaderBytes } = this.#limits
    const held = this.#held
    const size = held + Math.min(to - from, maxHeaderBytes + 4 - held)
    if (this.#buffer === undefined || this.#buffer.length < size) {
      const larger = Buffer.allocUnsafeSlow(Math.max(512, Math.min(2 * size, maxHeaderBytes + 4)))
      this.#buffer?.copy(larger, 0, 0, held)
      this.#buffer = larger
    }
    bytes.copy(this.#buffer, held, from, from + size - held)
    this.#held = size
    const fresh = this.#buffer.toString('latin1', Math.max(0, held - 1), size)
    const ended = this.#buffer.subarray(0, size).includes('\r\n\r\n', Math.max(0, held - 3), 'latin1')
    if (ended) return
    if (neverInHead.test(fresh) || this.#buffer[0] === 10) {
      const read = readRequestHead(`${this.#buffer.toString('latin1', 0, size)}\r\n`, this.#limits)
      this.#fail(
        read instanceof RefusedHead ? new RefusedHead(read.refusal.shape) : new RefusedHead('bad-request'),
      )
    } else if (size > maxHeaderBytes) {
      // Without an end of the first line there are no headers yet: the target is what is too long.
      const line = this.#buffer.subarray(0, size).includes(10)
      this.#fail(new RefusedHead(line ? 'header-size' : 'target-size'))
    }
  }

  #onText(text: string): void {
    const head = readRequestHead(text, this.#limits)
    if (head instanceof RefusedHead) {
      this.#fail(head)
      return
    }
    const { framing } = head
    // The state comes first: what is told here may ask for it.
    if (framing.kind === 'none' || (framing.kind === 'length' && framing.length === 0)) {
      this.#state = states.done
      this.#events.onHead(head)
      this.#events.onEnd([])
    } else if (framing.kind === 'length') {
      this.#state = states.length
      this.#remaining = framing.length
      this.#events.onHead(head)
    } else {
      this.#state = states.chunked
      this.#decoder = new ChunkedDecoder(this.#limits.maxHeaderBytes, true)
      this.#events.onHead(head)
    }
  }

  #readChunks(bytes: Buffer, from: number, to: number): number {
    const decoder = this.#decoder!
    try {
      const at = decoder.feed(bytes, from, to, (start, end) =>
        this.#events.onBody(bytes.subarray(start, end)),
      )
      if (decoder.done) {
        const trailers = readTrailers(decoder.trailers, this.#limits.maxHeaderCount)
        if (trailers === undefined) return this.#refuse('bad-header', to)
        this.#end(trailers)
      }
      return at
    } catch (thrown) {
      if (!(thrown instanceof MessageFault)) throw thrown
      return this.#refuse(thrown.shape, to)
    }
  }

  #end(trailers: readonly string[]): void {
    this.#state = states.done
    this.#decoder = undefined
    this.#events.onEnd(trailers)
  }

  #refuse(shape: RefusalShape, to: number): number {
    this.#fail(new RefusedHead(shape))
    return to
  }

  #fail(refused: RefusedHead): void {
    this.#state = states.refused
    this.#buffer = undefined
    this.#held = 0
    this.#decoder = undefined
    this.#events.onRefused(refused)
  }
}
