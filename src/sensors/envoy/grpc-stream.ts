import { inflate } from '../../call/decode/inflate.ts'
import { endCode, maxWindow } from '../http2-code.ts'
import type { FrameWriter } from './frame-writer.ts'
import { type GrpcCall, type GrpcReceiver, grpcStatus } from './grpc-call.ts'
import { answerHead, endedBadly, endedWell, type GrpcHead } from './grpc-head.ts'
import { MessageFrames, messageHeadBytes } from './message-frames.ts'
import { BrokenMessage } from './protobuf-reader.ts'

/** The bytes that a peer may send of a stream before we take them. */
export const streamWindow = 1024 * 1024
/** Answers of ours that the peer does not take, bytes: beyond, nothing more of it is read. */
const maxUnsentBytes = 4 * 1024 * 1024

/** What streams share: bounds, and what is counted over all of them. */
export interface GrpcStreamHost {
  readonly maxMessageBytes: number
  /** Counts bytes that are held for a call; false beyond the bound. */
  hold(bytes: number): boolean
  /** A call was broken off. */
  broken(sentence: string): void
  /** A call that had a receiver is over. */
  over(): void
}

/** The connection of a stream. */
export interface GrpcStreamCarrier {
  readonly host: GrpcStreamHost
  readonly out: FrameWriter
  /** Bytes that the peer takes on the connection. */
  window: number
  /** The stream waits for the connection's window. */
  readonly blocked: Set<GrpcStream>
  forget(stream: GrpcStream): void
}

/** One stream of HTTP/2 and the call of gRPC on it. */
export class GrpcStream implements GrpcCall {
  readonly id: number
  readonly #head: GrpcHead
  readonly #carrier: GrpcStreamCarrier
  /** Bytes that the peer takes of this stream. */
  #window: number
  #receiver: GrpcReceiver | undefined
  #begun = false
  /** Nothing more is said by us. */
  #over = false
  /** Nothing more is said by the peer. */
  #heard = false
  #gone = false
  #paused = false
  /** The peer is told to stop when all was said. */
  #stops = false
  /** What ends the stream behind what waits. */
  #trailers: Buffer | undefined
  #unsent: Buffer[] | undefined
  #unsentBytes = 0
  /** Bytes taken of which the peer was not told. */
  #taken = 0
  /** A message that is not whole yet. */
  #frames: MessageFrames | undefined
  /** What came while nothing was to be taken. */
  #waiting: Buffer[] | undefined
  #waitingBytes = 0
  #held = 0

  constructor(id: number, head: GrpcHead, carrier: GrpcStreamCarrier, window: number) {
    this.id = id
    this.#head = head
    this.#carrier = carrier
    this.#window = window
  }

  /** Messages are for this receiver from now on. */
  serve(receiver: GrpcReceiver): void {
    this.#receiver = receiver
  }

  // ---- what we say

  get open(): boolean {
    return !this.#over && !this.#gone
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    queueMicrotask(() => this.#catchUp())
  }

  send(frame: Buffer): void {
    if (!this.open) return
    this.#begin()
    this.#say(frame)
  }

  end(frame?: Buffer): void {
    if (!this.open) return
    this.#over = true
    this.#begin()
    if (frame !== undefined) this.#say(frame)
    this.#finish(endedWell)
  }

  fail(code: number, sentence: string): void {
    if (!this.open) return
    this.#over = true
    // Whatever else the peer has to say is not read: it is told to stop (RFC 9113 §8.1).
    this.#stops = true
    const said = endedBadly(code, sentence)
    this.#finish(this.#begun ? said : Buffer.concat([answerHead, said]))
  }

  #begin(): void {
    if (this.#begun) return
    this.#begun = true
    this.#carrier.out.headers(this.id, answerHead, false)
  }

  #say(frame: Buffer): void {
    const carrier = this.#carrier
    if (this.#unsent === undefined && frame.length <= this.#window && frame.length <= carrier.window) {
      this.#window -= frame.length
      carrier.window -= frame.length
      carrier.out.data(this.id, frame, 0, frame.length)
      return
    }
    this.#unsent ??= []
    this.#unsent.push(frame)
    this.#unsentBytes += frame.length
    this.#sayUnsent()
    this.#hold()
  }

  #finish(trailers: Buffer): void {
    if (this.#unsent === undefined) this.#sayLast(trailers)
    else this.#trailers = trailers
  }

  #sayLast(trailers: Buffer): void {
    const carrier = this.#carrier
    carrier.out.headers(this.id, trailers, true)
    if (this.#stops && !this.#heard) {
      carrier.out.reset(this.id, endCode.none)
      this.#heard = true
    }
    if (this.#heard) this.gone()
  }

  /** As much of what waits as the peer takes. */
  #sayUnsent(): void {
    const unsent = this.#unsent
    if (unsent === undefined) return
    const carrier = this.#carrier
    let done = 0
    for (const frame of unsent) {
      const size = Math.min(frame.length, this.#window, carrier.window)
      if (size > 0) {
        this.#window -= size
        carrier.window -= size
        this.#unsentBytes -= size
        carrier.out.data(this.id, frame, 0, size)
      }
      if (size < frame.length) {
        unsent[done] = frame.subarray(Math.max(0, size))
        break
      }
      done += 1
    }
    unsent.splice(0, done)
    if (unsent.length > 0) {
      carrier.blocked.add(this)
      return
    }
    this.#unsent = undefined
    carrier.blocked.delete(this)
    if (this.#trailers !== undefined) this.#sayLast(this.#trailers)
  }

  /** The peer takes so many bytes more, or fewer. @returns False where no number says how many. */
  widen(bytes: number): boolean {
    this.#window += bytes
    return this.#window <= maxWindow
  }

  /** The peer takes more: of this stream, or of the connection. */
  goOn(): void {
    if (this.#unsent === undefined || this.#gone) return
    this.#sayUnsent()
    if (this.#gone) return
    this.#hold()
    this.#admit()
  }

  // ---- what the peer says

  /**
   * A piece of what the peer says; valid during the call only.
   * @param size What it counts for in the window. @param last Nothing comes after it.
   */
  hear(bytes: Buffer, size: number, last: boolean): void {
    if (this.#heard) {
      this.reset(endCode.streamClosed)
      return
    }
    this.#taken += size
    if (this.#taken > streamWindow) {
      this.reset(endCode.flowControl)
      return
    }
    if (last) this.#heard = true
    if (!this.open) {
      if (last && this.#unsent === undefined) this.gone()
      else this.#admit()
      return
    }
    if (this.#paused || this.#waiting !== undefined) {
      this.#waiting ??= []
      if (bytes.length > 0) {
        this.#waiting.push(Buffer.from(bytes))
        this.#waitingBytes += bytes.length
        this.#hold()
      }
      return
    }
    if (bytes.length > 0) this.#take(bytes)
    if (last) this.#heardAll()
    else this.#admit()
  }

  #catchUp(): void {
    if (this.#paused || this.#gone) return
    const waiting = this.#waiting
    if (waiting !== undefined) {
      this.#waiting = undefined
      this.#waitingBytes = 0
      if (waiting.length > 0) this.#take(Buffer.concat(waiting))
      this.#hold()
      if (this.#heard) this.#heardAll()
    }
    this.#admit()
  }

  #heardAll(): void {
    if (this.#gone) return
    if (this.open) this.#tell(undefined)
    if (this.#over && this.#unsent === undefined) this.gone()
  }

  /** Lets the peer send as much again as was taken, where more is to be taken. */
  #admit(): void {
    if (this.#gone || this.#heard || this.#paused || this.#taken < streamWindow / 2) return
    if (this.#unsentBytes > maxUnsentBytes) return
    this.#carrier.out.windowUpdate(this.id, this.#taken)
    this.#taken = 0
  }

  #take(chunk: Buffer): void {
    let at = 0
    // Most pieces are one whole message.
    if (this.#frames === undefined) {
      const most = this.#carrier.host.maxMessageBytes
      while (chunk.length - at >= messageHeadBytes) {
        const length = chunk.readUInt32BE(at + 1)
        const end = at + messageHeadBytes + length
        if (length > most || end > chunk.length) break
        this.#message(chunk.subarray(at + messageHeadBytes, end), (chunk[at]! & 1) === 1)
        at = end
      }
      if (at === chunk.length) return
      this.#frames = new MessageFrames(most, (bytes, compressed) => this.#message(bytes, compressed))
    }
    if (!this.open) return
    // A copy: what came with it is not kept for its sake.
    if (!this.#frames.feed(Buffer.from(at === 0 ? chunk : chunk.subarray(at))))
      this.#breakOff(
        grpcStatus.resourceExhausted,
        `A message has more than ${this.#carrier.host.maxMessageBytes} bytes.`,
      )
    else if (this.#frames.size === 0) this.#frames = undefined
    this.#hold()
  }

  #message(bytes: Buffer, compressed: boolean): void {
    if (!this.open) return
    const plain = compressed ? this.#inflated(bytes) : bytes
    if (plain === undefined)
      this.#breakOff(grpcStatus.invalidArgument, 'A message is not coded as its head says.')
    else this.#tell(plain)
  }

  #inflated(bytes: Buffer): Buffer | undefined {
    const outcome = inflate(bytes, this.#head.encoding, this.#carrier.host.maxMessageBytes)
    return outcome.ok ? Buffer.from(outcome.bytes) : undefined
  }

  /** Tells the method of a message, or (undefined) that there is none any more. */
  #tell(message: Buffer | undefined): void {
    try {
      if (message === undefined) this.#receiver?.end()
      else this.#receiver?.message(message)
    } catch (thrown) {
      if (thrown instanceof BrokenMessage) {
        this.#breakOff(grpcStatus.invalidArgument, thrown.message)
        return
      }
      // A fault of ours ends this call and no other; it is thrown where nothing else is under way.
      this.reset(endCode.internal)
      process.nextTick(() => {
        throw thrown
      })
    }
  }

  #breakOff(code: number, sentence: string): void {
    this.#carrier.host.broken(sentence)
    this.#frames = undefined
    this.#waiting = undefined
    this.#waitingBytes = 0
    this.fail(code, sentence)
  }

  #hold(): void {
    if (this.#gone) return
    const now = (this.#frames?.size ?? 0) + this.#waitingBytes + this.#unsentBytes
    const more = now - this.#held
    this.#held = now
    if (more === 0 || this.#carrier.host.hold(more) || more < 0 || !this.open) return
    this.#breakOff(grpcStatus.resourceExhausted, 'Too much is held of unfinished messages.')
    // A peer that takes no answers takes no reason either.
    if (this.#unsent !== undefined) this.reset(endCode.calm)
  }

  // ---- how it ends

  /** The peer is told that nothing comes of it. */
  reset(code: number): void {
    if (this.#gone) return
    this.#carrier.out.reset(this.id, code)
    this.gone()
  }

  /** The stream is no more: everything was said, or nobody is there to say it to. */
  gone(): void {
    if (this.#gone) return
    this.#gone = true
    const carrier = this.#carrier
    carrier.forget(this)
    if (this.#held > 0) carrier.host.hold(-this.#held)
    this.#held = 0
    this.#frames = undefined
    this.#waiting = undefined
    this.#unsent = undefined
    const receiver = this.#receiver
    if (receiver === undefined) return
    this.#receiver = undefined
    carrier.host.over()
    try {
      receiver.closed?.()
    } catch (thrown) {
      process.nextTick(() => {
        throw thrown
      })
    }
  }
}
