import type { Socket } from 'node:net'

/** Up to here pieces are copied together: one write of a few kilobytes costs less than several. */
const joinBytes = 16_384

/** What is to be written to a socket, gathered until it is worth a write: text is latin-1. */
export class Outgoing {
  readonly #socket: Socket
  #parts: (string | Uint8Array)[] = []
  #bytes = 0

  constructor(socket: Socket) {
    this.#socket = socket
  }

  add(part: string | Uint8Array): void {
    if (part.length === 0) return
    this.#parts.push(part)
    this.#bytes += part.length
  }

  /** Writes what was gathered. False where the sender should wait for `drain`. */
  flush(): boolean {
    const parts = this.#parts
    const bytes = this.#bytes
    const socket = this.#socket
    if (bytes === 0) return !socket.writableNeedDrain
    this.#parts = []
    this.#bytes = 0
    if (parts.length === 1) return send(socket, parts[0]!)
    if (bytes <= joinBytes) {
      const whole = Buffer.allocUnsafe(bytes)
      let at = 0
      for (const part of parts) {
        if (typeof part === 'string') whole.write(part, at, 'latin1')
        else whole.set(part, at)
        at += part.length
      }
      return socket.write(whole)
    }
    socket.cork()
    let more = true
    for (const part of parts) more = send(socket, part)
    socket.uncork()
    return more
  }
}

const send = (socket: Socket, part: string | Uint8Array): boolean =>
  typeof part === 'string' ? socket.write(part, 'latin1') : socket.write(part)
