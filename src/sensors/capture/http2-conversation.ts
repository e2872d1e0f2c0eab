import { BoundedMap } from '../../kit/bounded-map.ts'
import type { HeaderPair } from '../gateway/header-pair.ts'
import { frameFlag, frameType } from '../http2-code.ts'
import type { CaptureCounts } from './capture-counts.ts'
import type { CaptureLimits } from './capture-options.ts'
import { CapturedBody } from './captured-body.ts'
import { type CapturedRequest, type CaptureNotes, captured, type ExchangeSink } from './captured-exchange.ts'
import type { HeldLedger } from './held-budget.ts'
import { BrokenHeaders, HpackDecoder } from './hpack-decoder.ts'
import { type FrameHead, FrameSplitter } from './http2-frames.ts'
import type { Moment } from './tcp-connection.ts'

const tableBytes = 65_536

interface Message {
  headers: HeaderPair[]
  /** Characters of its headers. */
  readonly weight: number
  readonly body: CapturedBody
  whole: boolean
  done: boolean
}

interface Stream {
  readonly time: number
  request: Message | undefined
  response: Message | undefined
  /** A request that came otherwise: the one that asked for the upgrade. */
  readonly given?: CapturedRequest
  end: number
}

/** The header block that is being gathered. */
interface Block {
  readonly stream: number
  readonly endStream: boolean
  readonly promised: boolean
  readonly parts: Buffer[]
  size: number
}

/** One direction's reading of frames. */
interface Direction {
  readonly fromClient: boolean
  readonly splitter: FrameSplitter
  readonly decoder: HpackDecoder
  frame: FrameHead | undefined
  /** Bytes of the frame before its content, and of padding behind it; undefined until they are known. */
  prefix: Buffer
  content: number
  block: Block | undefined
}

/**
 * Requests and answers of a cleartext HTTP/2 connection (RFC 9113), which is also what gRPC speaks. A gap within a body is borne; a gap
 * anywhere else, or a header block that cannot be decoded, ends the reading of the connection: nothing behind it can be understood.
 */
export class Http2Conversation {
  readonly #limits: CaptureLimits
  readonly #counts: CaptureCounts
  readonly #ledger: HeldLedger
  readonly #sink: ExchangeSink
  readonly #notes: () => CaptureNotes
  readonly #streams: BoundedMap<number, Stream>
  readonly #client: Direction
  readonly #server: Direction
  #time = 0
  #over = false

  /** @param first The request that asked for HTTP/2 by an upgrade: it is stream 1. */
  constructor(
    limits: CaptureLimits,
    counts: CaptureCounts,
    ledger: HeldLedger,
    sink: ExchangeSink,
    notes: () => CaptureNotes,
    first?: CapturedRequest,
  ) {
    this.#limits = limits
    this.#counts = counts
    this.#ledger = ledger
    this.#sink = sink
    this.#notes = notes
    this.#streams = new BoundedMap(limits.streams, (_, stream) => {
      counts.fault(`an HTTP/2 connection has more than ${limits.streams} streams at a time`)
      this.#emit(stream)
    })
    this.#client = this.#direction(true)
    this.#server = this.#direction(false)
    if (first !== undefined)
      this.#streams.set(1, {
        time: first.time,
        given: first,
        request: undefined,
        response: undefined,
        end: first.time,
      })
  }

  data(fromClient: boolean, bytes: Buffer, moment: Moment): void {
    if (this.#over) return
    this.#time = moment.time
    const direction = fromClient ? this.#client : this.#server
    try {
      direction.splitter.feed(bytes)
    } catch (thrown) {
      if (!(thrown instanceof BrokenHeaders)) throw thrown
      this.#giveUp(thrown.message)
    }
  }

  gap(fromClient: boolean, size: number, moment: Moment): void {
    if (this.#over) return
    this.#time = moment.time
    const direction = fromClient ? this.#client : this.#server
    const stream = direction.frame === undefined ? undefined : this.#streams.peek(direction.frame.stream)
    const message = fromClient ? stream?.request : stream?.response
    const inBody = direction.frame?.type === frameType.data && message !== undefined
    try {
      if (inBody) message.body.skip(size)
      if (inBody && direction.splitter.gap(size)) return
    } catch (thrown) {
      if (!(thrown instanceof BrokenHeaders)) throw thrown
    }
    this.#giveUp(
      'a part of an HTTP/2 connection was not captured, and the rest cannot be understood without it',
    )
  }

  finish(): void {}

  pendingSince(): number | undefined {
    let earliest: number | undefined
    for (const { time } of this.#streams.values())
      if (earliest === undefined || time < earliest) earliest = time
    return earliest
  }

  end(time: number): void {
    if (this.#over) return
    this.#time = time
    this.#close()
  }

  #giveUp(reason: string): void {
    if (this.#over) return
    this.#counts.fault(reason)
    this.#close()
  }

  #close(): void {
    this.#over = true
    for (const stream of this.#streams.values()) this.#emit(stream)
    this.#streams.clear()
  }

  #direction(fromClient: boolean): Direction {
    const direction: Direction = {
      fromClient,
      splitter: new FrameSplitter(fromClient, {
        onFrame: head => this.#onFrame(direction, head),
        onPayload: bytes => this.#onPayload(direction, bytes),
        onFrameEnd: whole => this.#onFrameEnd(direction, whole),
      }),
      decoder: new HpackDecoder({
        tableBytes,
        headerCount: this.#limits.headerCount,
        listBytes: this.#limits.headBytes,
      }),
      frame: undefined,
      prefix: noBytes,
      content: 0,
      block: undefined,
    }
    return direction
  }

  #onFrame(direction: Direction, head: FrameHead): void {
    if (this.#over) return
    direction.frame = head
    direction.prefix = noBytes
    direction.content = head.length
    if (direction.block !== undefined && head.type !== frameType.continuation)
      throw new BrokenHeaders('a header block was not ended')
    if (head.type !== frameType.headers && head.type !== frameType.push) return
    direction.block = {
      stream: head.stream,
      endStream: (head.flags & frameFlag.endStream) !== 0,
      promised: head.type === frameType.push,
      parts: [],
      size: 0,
    }
  }

  #onPayload(direction: Direction, given: Buffer): void {
    const { frame } = direction
    if (this.#over || frame === undefined) return
    if (
      frame.type !== frameType.data &&
      frame.type !== frameType.continuation &&
      direction.block === undefined
    )
      return
    const bytes = this.#withoutPrefix(direction, frame, given)
    const kept = bytes.subarray(0, Math.max(0, Math.min(bytes.length, direction.content)))
    direction.content -= kept.length
    if (kept.length === 0) return
    if (frame.type === frameType.data) {
      const stream = this.#streams.get(frame.stream)
      ;(direction.fromClient ? stream?.request : stream?.response)?.body.add(kept)
      return
    }
    const { block } = direction
    if (block === undefined || block.stream !== frame.stream)
      throw new BrokenHeaders('a header block goes on that did not begin')
    block.size += kept.length
    if (block.size > this.#limits.headBytes || block.parts.length > mostParts)
      throw new BrokenHeaders(`a header block is longer than ${this.#limits.headBytes} bytes`)
    if (!this.#ledger.take(kept.length)) throw new BrokenHeaders(noRoom)
    block.parts.push(Buffer.from(kept))
  }

  /** Steps over the length of padding, priority and promised stream; leaves the padding out of `content`. */
  #withoutPrefix(direction: Direction, frame: FrameHead, bytes: Buffer): Buffer {
    const padded = frame.type !== frameType.continuation && (frame.flags & frameFlag.padded) !== 0 ? 1 : 0
    const priority = frame.type === frameType.headers && (frame.flags & frameFlag.priority) !== 0 ? 5 : 0
    const needed = padded + priority + (frame.type === frameType.push ? 4 : 0)
    const missing = needed - direction.prefix.length
    if (missing <= 0) return bytes
    direction.prefix = Buffer.concat([direction.prefix, bytes.subarray(0, missing)])
    if (direction.prefix.length < needed) return noBytes
    direction.content = frame.length - needed - (padded === 1 ? direction.prefix[0]! : 0)
    return bytes.subarray(missing)
  }

  #onFrameEnd(direction: Direction, whole: boolean): void {
    const { frame } = direction
    direction.frame = undefined
    if (this.#over || frame === undefined) return
    switch (frame.type) {
      case frameType.data: {
        const stream = this.#streams.get(frame.stream)
        const message = direction.fromClient ? stream?.request : stream?.response
        if (stream === undefined || message === undefined) return
        message.whole &&= whole
        stream.end = this.#time
        if ((frame.flags & frameFlag.endStream) !== 0) this.#finish(frame.stream, stream, message)
        return
      }
      case frameType.headers:
      case frameType.push:
      case frameType.continuation:
        if ((frame.flags & frameFlag.endHeaders) !== 0) this.#onBlock(direction)
        return
      case frameType.reset: {
        const stream = this.#streams.peek(frame.stream)
        if (stream === undefined) return
        this.#streams.delete(frame.stream)
        this.#emit(stream)
      }
    }
  }

  #onBlock(direction: Direction): void {
    const { block } = direction
    direction.block = undefined
    if (block === undefined) return
    const before = direction.decoder.tableBytes
    const headers = direction.decoder.decode(
      block.parts.length === 1 ? block.parts[0]! : Buffer.concat(block.parts),
    )
    this.#ledger.give(block.size)
    const grown = direction.decoder.tableBytes - before
    if (grown < 0) this.#ledger.give(-grown)
    else if (!this.#ledger.take(grown)) throw new BrokenHeaders(noRoom)
    // What a server pushes nobody asked for.
    if (block.promised) return
    if (direction.fromClient) this.#onRequestHeaders(block, headers)
    else this.#onResponseHeaders(block, headers)
  }

  #onRequestHeaders(block: Block, headers: HeaderPair[]): void {
    let stream = this.#streams.get(block.stream)
    if (stream === undefined) {
      stream = { time: this.#time, request: undefined, response: undefined, end: this.#time }
      this.#streams.set(block.stream, stream)
    }
    // Trailers of a request say nothing that is read.
    stream.request ??= this.#message(headers)
    if (block.endStream) this.#finish(block.stream, stream, stream.request)
  }

  #onResponseHeaders(block: Block, headers: HeaderPair[]): void {
    const stream = this.#streams.get(block.stream)
    if (stream === undefined) {
      this.#counts.unpaired += 1
      return
    }
    stream.end = this.#time
    if (stream.response === undefined) {
      const status = headers.find(([name]) => name === ':status')?.[1] ?? ''
      // An interim answer: another follows.
      if (/^1\d\d$/.test(status) && !block.endStream) return
      stream.response = this.#message(headers)
    } else {
      const room = this.#limits.headerCount - stream.response.headers.length
      stream.response.headers.push(...headers.slice(0, Math.max(0, room)))
    }
    if (block.endStream) this.#finish(block.stream, stream, stream.response)
  }

  #message(headers: HeaderPair[]): Message {
    let weight = 0
    for (const [name, value] of headers) weight += name.length + value.length
    if (!this.#ledger.take(weight)) throw new BrokenHeaders(noRoom)
    const body = new CapturedBody(this.#limits.bodyBytes, this.#ledger)
    return { headers, weight, body, whole: true, done: false }
  }

  #finish(id: number, stream: Stream, message: Message): void {
    message.done = true
    const asked = stream.given !== undefined || stream.request?.done === true
    if (!asked || stream.response?.done !== true) return
    this.#streams.delete(id)
    this.#emit(stream)
  }

  #emit(stream: Stream): void {
    this.#ledger.give((stream.request?.weight ?? 0) + (stream.response?.weight ?? 0))
    const request = stream.given ?? this.#requestOf(stream)
    const response = stream.response
    if (request === undefined) {
      response?.body.release()
      stream.request?.body.release()
      this.#counts.unpaired += 1
      return
    }
    const status = Number(response?.headers.find(([name]) => name === ':status')?.[1])
    this.#counts.unheldBytes += response?.body.unheld ?? 0
    const body = response?.body.take(response.done && response.whole)
    this.#sink.call(
      captured(
        this.#sink,
        request,
        response === undefined || body === undefined || !(status >= 100 && status <= 999)
          ? undefined
          : { status, headers: withoutPseudo(response.headers), body, end: stream.end },
        this.#notes(),
      ),
    )
  }

  #requestOf({ request, time }: Stream): CapturedRequest | undefined {
    if (request === undefined) return undefined
    const pseudo = (name: string): string | undefined => request.headers.find(([key]) => key === name)?.[1]
    const method = pseudo(':method')
    const authority = pseudo(':authority') ?? pseudo('host')
    const target = pseudo(':path') ?? authority
    if (method === undefined || target === undefined) return undefined
    this.#counts.unheldBytes += request.body.unheld
    return {
      method,
      target,
      host: authority,
      httpVersion: '2',
      headers: withoutPseudo(request.headers),
      body: request.body.take(request.done && request.whole),
      time,
    }
  }
}

const noRoom = 'an HTTP/2 connection was given up for want of room'
const noBytes = Buffer.alloc(0)
/** Pieces of one header block: a flood of tiny frames ends here. */
const mostParts = 1_024

const withoutPseudo = (headers: readonly HeaderPair[]): HeaderPair[] =>
  headers.filter(([name]) => !name.startsWith(':'))
