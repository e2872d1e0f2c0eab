import { ChunkedDecoder, MessageFault } from '../gateway/chunked-decoder.ts'
import type { HeaderPair } from '../gateway/header-pair.ts'
import { decimal } from '../gateway/request-head.ts'
import type { CaptureLimits } from './capture-options.ts'
import { CapturedBody } from './captured-body.ts'
import type { HeldLedger } from './held-budget.ts'
import type { Moment } from './tcp-connection.ts'

/** The head of a request or answer as it stood there. */
export interface MessageHead {
  readonly line: string
  readonly headers: HeaderPair[]
  /** Its characters. */
  readonly length: number
  /** Of the first byte. */
  readonly time: number
  readonly offset: number
  readonly seen: number
  /** Its framing can be read in two ways: both a length and a coding, or two lengths. */
  readonly ambiguous: boolean
  /** More headers than the bound; only the first are here. */
  readonly headersLeftOut: number
}

export type Delimiter =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'close' }

/** What a reader finds, in order. */
export interface MessageEvents {
  /** @returns How the body is delimited; `stop` where what follows is no HTTP any more. */
  onHead(head: MessageHead): Delimiter | 'stop'
  /** @param whole False where the end, or something in between, was not captured. */
  onEnd(body: CapturedBody, trailers: readonly HeaderPair[], whole: boolean, time: number): void
  /** What came cannot be read. @param foreign It is no message, and was the first of the connection. */
  onFault(reason: string, foreign: boolean): void
  onSkipped(bytes: number): void
}

export const noMessage = 'what came is no HTTP message'

const none: Delimiter = { kind: 'none' }
const trailerBytes = 8_192
const firstHold = 512

type State = 'head' | 'length' | 'chunked' | 'close' | 'lost' | 'stopped'

/**
 * One direction of HTTP/1.1 (RFC 9112) as it was captured. After a gap or a fault it goes on where a piece begins like a message: a
 * sender begins a packet with a new message. Bounded in the bytes of a head; never throws.
 */
export class Http1Reader {
  readonly #limits: CaptureLimits
  readonly #ledger: HeldLedger
  readonly #events: MessageEvents
  readonly #start: RegExp
  #state: State = 'head'
  #head = Buffer.alloc(0)
  #headLength = 0
  #headMoment: Moment | undefined
  #left = 0
  #chunks: ChunkedDecoder | undefined
  #body: CapturedBody | undefined
  #messages = 0

  constructor(
    kind: 'request' | 'response',
    limits: CaptureLimits,
    ledger: HeldLedger,
    events: MessageEvents,
  ) {
    this.#limits = limits
    this.#ledger = ledger
    this.#events = events
    this.#start = kind === 'request' ? /^[A-Za-z][A-Za-z_-]{0,31} [^ ]/ : /^HTTP\/1\.[01] [1-9]/
  }

  /** Nothing of a message has come yet. */
  get idle(): boolean {
    return this.#state === 'head' && this.#headLength === 0
  }

  data(bytes: Buffer, moment: Moment): void {
    let at = 0
    if (this.#state === 'lost' && !this.#resume(bytes)) return
    while (at < bytes.length) {
      const from = at
      switch (this.#state) {
        case 'head':
          at = this.#readHead(bytes, at, { ...moment, offset: moment.offset + at })
          break
        case 'length': {
          at = Math.min(bytes.length, at + this.#left)
          this.#left -= at - from
          this.#body!.add(bytes.subarray(from, at))
          if (this.#left === 0) this.#end(true, moment.time)
          break
        }
        case 'chunked':
          at = this.#readChunks(bytes, at, moment)
          break
        case 'close':
          this.#body!.add(bytes.subarray(at))
          at = bytes.length
          break
        case 'lost':
          this.#events.onSkipped(bytes.length - at)
          return
        case 'stopped':
          return
      }
    }
  }

  /** @returns Whether it is known what follows. */
  gap(size: number, moment: Moment): boolean {
    switch (this.#state) {
      case 'length': {
        const missing = Math.min(size, this.#left)
        this.#body!.skip(missing)
        this.#left -= missing
        if (missing === size) {
          if (this.#left === 0) this.#end(false, moment.time)
          return true
        }
        break
      }
      case 'close':
        this.#body!.skip(size)
        return true
      case 'stopped':
        return true
    }
    this.#lose(moment.time)
    return false
  }

  /** The sender has said its last. */
  finish(time: number): void {
    if (this.#body !== undefined) this.#end(this.#state === 'close', time)
    this.#dropHead()
    this.#state = 'stopped'
  }

  /** Reads no further. */
  stop(): void {
    this.#body?.release()
    this.#body = undefined
    this.#dropHead()
    this.#state = 'stopped'
  }

  #lose(time: number): void {
    if (this.#body !== undefined) this.#end(false, time)
    this.#dropHead()
    this.#state = 'lost'
  }

  #fault(reason: string, time: number): void {
    this.#lose(time)
    this.#events.onFault(reason, reason === noMessage && this.#messages === 0)
  }

  #resume(bytes: Buffer): boolean {
    if (!this.#start.test(bytes.toString('latin1', 0, Math.min(bytes.length, 48)))) {
      this.#events.onSkipped(bytes.length)
      return false
    }
    this.#state = 'head'
    return true
  }

  #dropHead(): void {
    this.#ledger.give(this.#head.length)
    this.#head = Buffer.alloc(0)
    this.#headLength = 0
    this.#headMoment = undefined
  }

  #readHead(bytes: Buffer, from: number, moment: Moment): number {
    let at = from
    if (this.#headLength === 0) {
      // Empty lines before a message are allowed (RFC 9112 §2.2).
      while (at < bytes.length && (bytes[at] === 13 || bytes[at] === 10)) at += 1
      if (at === bytes.length) return at
      this.#headMoment = { ...moment, offset: moment.offset + at - from }
      const end = endOfHead(bytes, at)
      if (end >= 0 && end - at <= this.#limits.headBytes) {
        this.#parse(bytes.toString('latin1', at, end), moment.time)
        return end
      }
    }
    const before = this.#headLength
    const room = this.#limits.headBytes - before
    const piece = bytes.subarray(at, Math.min(bytes.length, at + room))
    if (!this.#hold(piece)) {
      this.#fault('a head was not kept for want of room', moment.time)
      return at
    }
    const end = endOfHead(this.#head.subarray(0, this.#headLength), Math.max(0, before - 3))
    if (end >= 0) {
      const text = this.#head.toString('latin1', 0, end)
      const consumed = end - before
      const { time } = this.#headMoment ?? moment
      this.#parse(text, time)
      return at + consumed
    }
    if (this.#headLength >= this.#limits.headBytes) {
      this.#fault(`a head is longer than ${this.#limits.headBytes} bytes`, moment.time)
      return at
    }
    // What begins like no message need not be gathered.
    if (before < firstHold && !this.#plausible()) {
      this.#fault(noMessage, moment.time)
      return at
    }
    return bytes.length
  }

  /** The first line so far could become one of a message. */
  #plausible(): boolean {
    const text = this.#head.toString('latin1', 0, Math.min(this.#headLength, 48))
    return this.#start.test(text) || (text.length < 34 && /^[A-Za-z][A-Za-z_/.0-9-]{0,32} ?$/.test(text))
  }

  #hold(piece: Buffer): boolean {
    const needed = this.#headLength + piece.length
    if (needed > this.#head.length) {
      const size = Math.min(this.#limits.headBytes, Math.max(1_024, needed, this.#head.length * 2))
      if (!this.#ledger.take(size - this.#head.length)) return false
      const grown = Buffer.allocUnsafeSlow(size)
      this.#head.copy(grown, 0, 0, this.#headLength)
      this.#head = grown
    }
    piece.copy(this.#head, this.#headLength)
    this.#headLength = needed
    return true
  }

  #parse(text: string, time: number): void {
    const moment = this.#headMoment!
    this.#dropHead()
    const { line, headers, leftOut } = splitHead(text, this.#limits.headerCount)
    const delimiter = this.#events.onHead({
      line,
      headers,
      length: text.length,
      time: moment.time,
      offset: moment.offset,
      seen: moment.seen,
      ambiguous: isAmbiguous(headers),
      headersLeftOut: leftOut,
    })
    if (delimiter === 'stop') {
      if (this.#state === 'head') this.#state = 'stopped'
      return
    }
    this.#messages += 1
    this.#body = new CapturedBody(this.#limits.bodyBytes, this.#ledger)
    switch (delimiter.kind) {
      case 'none':
        this.#end(true, time)
        return
      case 'length':
        this.#left = delimiter.length
        if (this.#left === 0) this.#end(true, time)
        else this.#state = 'length'
        return
      case 'chunked':
        this.#chunks = new ChunkedDecoder(trailerBytes)
        this.#state = 'chunked'
        return
      case 'close':
        this.#state = 'close'
    }
  }

  /** What came is no message after all. */
  reject(reason: string, time: number): void {
    this.#fault(reason, time)
  }

  #readChunks(bytes: Buffer, from: number, moment: Moment): number {
    const chunks = this.#chunks!
    try {
      const at = chunks.feed(bytes, from, bytes.length, (start, end) =>
        this.#body!.add(bytes.subarray(start, end)),
      )
      if (chunks.done) this.#end(true, moment.time, splitHead(`\n${chunks.trailers}`, 64).headers)
      return at
    } catch (thrown) {
      if (!(thrown instanceof MessageFault)) throw thrown
      this.#fault('a chunked body is not well formed', moment.time)
      return bytes.length
    }
  }

  #end(whole: boolean, time: number, trailers: readonly HeaderPair[] = []): void {
    const body = this.#body!
    this.#body = undefined
    this.#chunks = undefined
    this.#state = 'head'
    this.#events.onEnd(body, trailers, whole, time)
  }
}

/** Behind the empty line that ends a head which begins at or before `from`; -1 where there is none yet. */
function endOfHead(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(10, from); at >= 0; at = bytes.indexOf(10, at + 1)) {
    if (bytes[at + 1] === 10) return at + 2
    if (bytes[at + 1] === 13 && bytes[at + 2] === 10) return at + 3
  }
  return -1
}

function splitHead(text: string, most: number): { line: string; headers: HeaderPair[]; leftOut: number } {
  const headers: HeaderPair[] = []
  let leftOut = 0
  let line: string | undefined
  for (let at = 0; at < text.length; ) {
    const feed = text.indexOf('\n', at)
    const stop = feed < 0 ? text.length : feed
    const row = text.slice(at, text[stop - 1] === '\r' && stop > at ? stop - 1 : stop)
    at = stop + 1
    if (line === undefined) {
      line = row
      continue
    }
    if (row === '') continue
    const last = headers.at(-1)
    if ((row[0] === ' ' || row[0] === '\t') && last !== undefined) {
      // A folded line goes on (RFC 9112 §5.2).
      headers[headers.length - 1] = [last[0], `${last[1]} ${row.trim()}`]
      continue
    }
    const colon = row.indexOf(':')
    if (colon <= 0) continue
    if (headers.length >= most) leftOut += 1
    else headers.push([row.slice(0, colon).trim().toLowerCase(), row.slice(colon + 1).trim()])
  }
  return { line: line ?? '', headers, leftOut }
}

const valuesOf = (headers: readonly HeaderPair[], name: string): readonly string[] =>
  headers.filter(([key]) => key === name).map(([, value]) => value)

function isAmbiguous(headers: readonly HeaderPair[]): boolean {
  const lengths = valuesOf(headers, 'content-length')
  return (
    lengths.some(length => length !== lengths[0]) ||
    (lengths.length > 0 && valuesOf(headers, 'transfer-encoding').length > 0)
  )
}

/** How headers delimit a body (RFC 9112 §6.3); undefined where they say nothing. A coding goes before a length. */
export function delimiterOf(headers: readonly HeaderPair[]): Delimiter | 'broken' | undefined {
  const codings = valuesOf(headers, 'transfer-encoding')
  if (codings.length > 0) {
    const last = codings.at(-1)!.split(',').at(-1)!.trim().toLowerCase()
    return last === 'chunked' ? { kind: 'chunked' } : { kind: 'close' }
  }
  const length = valuesOf(headers, 'content-length')[0]
  if (length === undefined) return undefined
  const bytes = decimal(length)
  return bytes === undefined ? 'broken' : bytes === 0 ? none : { kind: 'length', length: bytes }
}
