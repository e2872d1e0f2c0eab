import { frameHeadBytes } from '../http2-code.ts'

/** A frame's head (RFC 9113 §4.1). */
export interface FrameHead {
  readonly type: number
  readonly flags: number
  readonly stream: number
  readonly length: number
}

export interface FrameEvents {
  onFrame(head: FrameHead): void
  /** A piece of its payload, in order; valid only during the call. */
  onPayload(bytes: Buffer): void
  /** @param whole False where a part was not captured. */
  onFrameEnd(whole: boolean): void
}

export const connectionPreface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'

/** Splits one direction of an HTTP/2 connection into frames, in whatever pieces it comes. Holds nothing but a frame's head. */
export class FrameSplitter {
  readonly #events: FrameEvents
  readonly #head = Buffer.alloc(frameHeadBytes)
  #held = 0
  #left = 0
  #inFrame = false
  #whole = true
  #prefaceLeft: number

  /** @param preface The direction begins with the client's preface. */
  constructor(preface: boolean, events: FrameEvents) {
    this.#events = events
    this.#prefaceLeft = preface ? connectionPreface.length : 0
  }

  feed(bytes: Buffer): void {
    let at = Math.min(bytes.length, this.#prefaceLeft)
    this.#prefaceLeft -= at
    while (at < bytes.length) {
      if (!this.#inFrame) {
        const taken = Math.min(frameHeadBytes - this.#held, bytes.length - at)
        bytes.copy(this.#head, this.#held, at, at + taken)
        this.#held += taken
        at += taken
        if (this.#held < frameHeadBytes) return
        this.#begin()
      } else {
        const end = Math.min(bytes.length, at + this.#left)
        this.#left -= end - at
        this.#events.onPayload(bytes.subarray(at, end))
        at = end
        this.#endIfDone()
      }
    }
  }

  /** So many bytes were not captured. @returns Whether the frames can still be told apart. */
  gap(size: number): boolean {
    if (!this.#inFrame || size > this.#left) return false
    this.#left -= size
    this.#whole = false
    this.#endIfDone()
    return true
  }

  #begin(): void {
    this.#held = 0
    this.#left = this.#head.readUIntBE(0, 3)
    this.#inFrame = true
    this.#whole = true
    this.#events.onFrame({
      type: this.#head[3]!,
      flags: this.#head[4]!,
      stream: this.#head.readUInt32BE(5) & 0x7fffffff,
      length: this.#left,
    })
    this.#endIfDone()
  }

  #endIfDone(): void {
    if (this.#left > 0) return
    this.#inFrame = false
    this.#events.onFrameEnd(this.#whole)
  }
}
