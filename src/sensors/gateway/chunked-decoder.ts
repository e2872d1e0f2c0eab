import type { RefusalShape } from './refusal.ts'

/** Fault in a message: its connection is given up. `shape` is what a client is refused for. */
export class MessageFault extends Error {
  readonly shape: RefusalShape

  constructor(message: string, shape: RefusalShape = 'bad-request') {
    super(message)
    this.shape = shape
  }
}

/** Of the extensions of one chunk, and of all chunks of a strictly read body. */
const maxLine = 1_024
const maxExtensions = 16_384

/** Chunk extensions as RFC 9112 §7.1.1 writes them, without the blanks that it asks to tolerate. */
const extensionForm =
  /^(?:;[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:=(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+|"[\t !#-[\]-~]*"))?)+$/

const states = {
  size: 0,
  extension: 1,
  sizeLf: 2,
  data: 3,
  dataCr: 4,
  dataLf: 5,
  trailer: 6,
  done: 7,
} as const
type State = (typeof states)[keyof typeof states]

/**
 * Strict decoder of `Transfer-Encoding: chunked` (RFC 9112 §7.1): CRLF only, sizes of at most 12 hex digits, bounded
 * extensions and trailers. Fed in any pieces.
 */
export class ChunkedDecoder {
  readonly #maxTrailerBytes: number
  readonly #strict: boolean
  #extension = ''
  #extensions = 0
  #state: State = states.size
  #size = 0
  #digits = 0
  #line = 0
  #trailer = ''
  /** The trailer section as text without the closing empty line, once `done`. */
  trailers = ''

  /** @param strict extensions only in their exact form, and bounded together: for what clients send */
  constructor(maxTrailerBytes: number, strict = false) {
    this.#maxTrailerBytes = maxTrailerBytes
    this.#strict = strict
  }

  get done(): boolean {
    return this.#state === states.done
  }

  /**
   * Decodes `bytes[from..to)`, handing each run of body bytes on. Returns where it stopped: `to`, or just behind the
   * end of the body. Throws `MessageFault` for what no strict reader accepts.
   */
  feed(bytes: Buffer, from: number, to: number, onData: (start: number, end: number) => void): number {
    let at = from
    while (at < to && this.#state !== states.done) {
      if (this.#state === states.data) {
        const end = Math.min(to, at + this.#size)
        onData(at, end)
        this.#size -= end - at
        at = end
        if (this.#size === 0) this.#state = states.dataCr
        continue
      }
      this.#step(bytes[at]!)
      at += 1
    }
    return at
  }

  #step(byte: number): void {
    switch (this.#state) {
      case states.size: {
        const digit = hexDigit(byte)
        if (digit !== -1) {
          this.#digits += 1
          if (this.#digits > 12) throw new MessageFault('chunk size too large')
          this.#size = this.#size * 16 + digit
        } else if (this.#digits === 0) throw new MessageFault('chunk size missing')
        else if (byte === 13) this.#state = states.sizeLf
        else if (byte === 59 || (!this.#strict && (byte === 32 || byte === 9))) {
          this.#state = states.extension
          if (this.#strict) this.#extension = ';'
        } else throw new MessageFault('chunk size not hexadecimal', byte === 10 ? 'bare-lf' : 'bad-request')
        return
      }
      case states.extension:
        this.#line += 1
        if (byte === 10) throw new MessageFault('chunk extension ended by LF', 'bare-lf')
        if (byte === 0 || this.#line > maxLine)
          throw new MessageFault('chunk extension malformed', byte === 0 ? 'bad-request' : 'chunk-extensions')
        if (byte === 13) {
          this.#state = states.sizeLf
          if (this.#strict) this.#checkExtension()
        } else if (this.#strict) this.#extension += String.fromCharCode(byte)
        return
      case states.sizeLf:
        if (byte !== 10) throw new MessageFault('chunk size line not ended by CRLF', 'bare-cr')
        this.#state = this.#size === 0 ? states.trailer : states.data
        this.#digits = 0
        this.#line = 0
        return
      case states.dataCr:
        if (byte !== 13) throw new MessageFault('chunk longer than its size')
        this.#state = states.dataLf
        return
      case states.dataLf:
        if (byte !== 10) throw new MessageFault('chunk not ended by CRLF')
        this.#state = states.size
        return
      case states.trailer:
        this.#trailer += String.fromCharCode(byte)
        if (this.#trailer.length > this.#maxTrailerBytes)
          throw new MessageFault('trailers too large', 'header-size')
        if (this.#trailer === '\r\n') this.#state = states.done
        else if (byte === 10 && this.#trailer.endsWith('\r\n\r\n')) {
          this.trailers = this.#trailer.slice(0, -4)
          this.#state = states.done
        }
        return
    }
  }

  #checkExtension(): void {
    this.#extensions += this.#extension.length
    if (this.#extensions > maxExtensions)
      throw new MessageFault('chunk extensions too large', 'chunk-extensions')
    if (!extensionForm.test(this.#extension)) throw new MessageFault('chunk extension malformed')
    this.#extension = ''
  }
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48
  if (byte >= 97 && byte <= 102) return byte - 87
  if (byte >= 65 && byte <= 70) return byte - 55
  return -1
}
