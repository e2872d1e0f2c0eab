import { looksPlain } from '../../call/decode/inflate.ts'
import { type FramedMessage, FrameReader } from '../../call/decode/websocket-frames.ts'
import type { RawMessage } from '../../call/raw-exchange.ts'
import type { Clock } from '../../kit/clock.ts'

/** What is kept of the messages of one upgraded connection. */
export interface MessageOptions {
  /** Look into WebSocket connections at all. The client's offers of extensions are then not passed on. */
  readonly read: boolean
  /** Milliseconds between two reports on a connection that stays open. */
  readonly reportMs: number
  /** Messages of one report and direction that are kept: the first ones. Further ones are counted. */
  readonly count: number
  /** Bytes of them together. */
  readonly bytes: number
  /** Bytes of one message. */
  readonly messageBytes: number
}

export const defaultMessageOptions: MessageOptions = {
  read: true,
  reportMs: 60_000,
  count: 64,
  bytes: 16_384,
  messageBytes: 4_096,
}

/** What went one way since the last report, kept or not. */
export interface DirectionCount {
  readonly messages: number
  readonly bytes: number
  /** Not in the report, or not with their text: beyond its bounds, or coded by an extension. */
  readonly leftOut: number
}

export interface MessageReport {
  readonly messages: readonly RawMessage[]
  readonly sent: DirectionCount
  readonly received: DirectionCount
  /** Of the first close frame, from either side; 1005 (RFC 6455 §7.4.1) where it had none. */
  readonly close?: number
}

/**
 * Reads along with an upgraded connection: never in its way, and never holding more than one report's worth. A stream that is
 * no WebSocket, or a fault in here, ends the reading and nothing else.
 */
export class MessageLog {
  readonly #clock: Clock
  readonly #onBroken: (why: string) => void
  readonly #client: Direction
  readonly #server: Direction
  #messages: RawMessage[] = []
  #close: number | undefined
  #closeTold = false
  #broken = false

  constructor(options: MessageOptions, clock: Clock, onBroken: (why: string) => void) {
    this.#clock = clock
    this.#onBroken = onBroken
    const add = (message: RawMessage): void => {
      this.#messages.push(message)
    }
    const end = (status: number | undefined): void => {
      this.#close ??= status ?? 1005
    }
    this.#client = new Direction(true, options, this.#clock, add, end)
    this.#server = new Direction(false, options, this.#clock, add, end)
  }

  /** Bytes from the client. */
  sent(chunk: Uint8Array): void {
    this.#feed(this.#client, chunk)
  }

  /** Bytes from the upstream. */
  received(chunk: Uint8Array): void {
    this.#feed(this.#server, chunk)
  }

  /** What there is since the last time; undefined where there was nothing. */
  take(): MessageReport | undefined {
    const sent = this.#client.take()
    const received = this.#server.take()
    const messages = this.#messages
    const close = this.#closeTold ? undefined : this.#close
    if (sent.messages === 0 && received.messages === 0 && close === undefined) return undefined
    this.#messages = []
    this.#closeTold = close !== undefined || this.#closeTold
    return { messages, sent, received, ...(close === undefined ? {} : { close }) }
  }

  #feed(direction: Direction, chunk: Uint8Array): void {
    if (this.#broken) return
    try {
      direction.reader.feed(chunk)
    } catch {
      direction.reader.broken = 'a fault'
    }
    if (direction.reader.broken === undefined) return
    this.#broken = true
    this.#onBroken(direction.reader.broken)
  }
}

class Direction {
  readonly reader: FrameReader
  readonly #options: MessageOptions
  readonly #sent: boolean
  readonly #clock: Clock
  readonly #add: (message: RawMessage) => void
  #messages = 0
  #size = 0
  #kept = 0
  #bytes = 0
  #leftOut = 0

  constructor(
    sent: boolean,
    options: MessageOptions,
    clock: Clock,
    add: (message: RawMessage) => void,
    onClose: (status: number | undefined) => void,
  ) {
    this.#sent = sent
    this.#options = options
    this.#clock = clock
    this.#add = add
    this.reader = new FrameReader(sent, options.messageBytes, {
      onMessage: message => this.#onMessage(message),
      onClose,
    })
  }

  take(): DirectionCount {
    const count = { messages: this.#messages, bytes: this.#size, leftOut: this.#leftOut }
    this.#messages = 0
    this.#size = 0
    this.#kept = 0
    this.#bytes = 0
    this.#leftOut = 0
    this.#makeRoom()
    return count
  }

  #onMessage({ binary, bytes, coded, size, truncated }: FramedMessage): void {
    this.#messages += 1
    this.#size += size
    const { count } = this.#options
    if (this.#kept >= count) {
      this.#leftOut += 1
      return
    }
    this.#kept += 1
    this.#bytes += bytes.length
    // Text in a binary frame is text: some send JSON that way.
    const isText = !coded && bytes.length > 0 && (!binary || looksPlain(bytes))
    if (!isText && size > 0) this.#leftOut += 1
    this.#add({
      sent: this.#sent,
      time: this.#clock.now(),
      size,
      truncated,
      binary,
      ...(isText ? { text: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8') } : {}),
    })
    this.#makeRoom()
  }

  #makeRoom(): void {
    const { count, bytes, messageBytes } = this.#options
    this.reader.keep = this.#kept >= count ? 0 : Math.max(0, Math.min(messageBytes, bytes - this.#bytes))
  }
}
