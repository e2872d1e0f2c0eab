import type { Socket } from 'node:net'
import type { MessageLog } from './message-log.ts'
import type { Ticker } from './ticker.ts'

/**
 * Two sockets joined after an upgrade: bytes both ways with back-pressure, ended on both sides together. Whoever reads along is shown
 * bytes that are on their way already.
 */
export class Tunnel {
  readonly #client: Socket
  readonly #upstream: Socket
  readonly #ticker: Ticker
  readonly #onClosed: (tunnel: Tunnel) => void
  #progress: number
  #open = 2
  readonly log: MessageLog | undefined
  /** When it was last reported on, in the ticker's time. */
  reportedAt: number
  bytes = 0

  constructor(
    client: Socket,
    upstream: Socket,
    ticker: Ticker,
    log: MessageLog | undefined,
    onClosed: (tunnel: Tunnel) => void,
  ) {
    this.#client = client
    this.#upstream = upstream
    this.#ticker = ticker
    this.#onClosed = onClosed
    this.#progress = ticker.now
    this.log = log
    this.reportedAt = ticker.now
    this.#join(client, upstream, chunk => log?.sent(chunk))
    this.#join(upstream, client, chunk => log?.received(chunk))
  }

  /** Closes it when nothing has gone through for too long. */
  sweep(idleTimeoutMs: number): void {
    if (this.#ticker.passed(this.#progress, idleTimeoutMs)) this.destroy()
  }

  destroy(): void {
    this.#client.destroy()
    this.#upstream.destroy()
  }

  #join(from: Socket, to: Socket, read: (chunk: Buffer) => void): void {
    from.on('data', (chunk: Buffer) => {
      this.#progress = this.#ticker.now
      this.bytes += chunk.length
      if (!to.write(chunk)) from.pause()
      read(chunk)
    })
    to.on('drain', () => from.resume())
    from.on('end', () => to.end())
    // What broke a tunnel is nobody's answer any more: the other side just closes.
    from.on('error', () => to.destroy())
    from.on('close', () => {
      if (!to.writableEnded) to.destroySoon()
      this.#open -= 1
      if (this.#open === 0) this.#onClosed(this)
    })
    from.resume()
  }
}
