import type { Ticker } from './ticker.ts'
import { type ConnectionSettings, UpstreamConnection } from './upstream-connection.ts'
import type { UpstreamEvents, UpstreamRequest } from './upstream-events.ts'

/**
 * Keep-alive connections to one upstream, the most recently used first, so that a quiet pool shrinks. It opens a
 * connection whenever none is idle: there are never more than there are client exchanges.
 */
export class UpstreamPool {
  readonly #settings: ConnectionSettings
  readonly #ticker: Ticker
  readonly #keepAliveMs: number
  readonly #idle: UpstreamConnection[] = []
  readonly #all = new Set<UpstreamConnection>()
  #retired = false

  constructor(settings: ConnectionSettings, keepAliveMs: number, ticker: Ticker) {
    this.#settings = settings
    this.#keepAliveMs = keepAliveMs
    this.#ticker = ticker
  }

  get size(): number {
    return this.#all.size
  }

  /** Starts the exchange on an idle connection, or on a new one; on a new one always when `fresh`. */
  start(request: UpstreamRequest, events: UpstreamEvents, fresh = false): UpstreamConnection {
    const idle = fresh || request.upgrade ? undefined : this.#idle.pop()
    const connection = idle ?? this.#open(request.upgrade)
    connection.start(request, events)
    return connection
  }

  /** Closes what has been idle too long; called by the ticker's owner. */
  prune(): void {
    let stale = 0
    while (stale < this.#idle.length && this.#ticker.passed(this.#idle[stale]!.idleSince, this.#keepAliveMs))
      stale += 1
    for (const connection of this.#idle.splice(0, stale)) connection.destroy()
  }

  /** What is under way goes on; no connection is kept after it. */
  retire(): void {
    this.#retired = true
    for (const connection of this.#idle.splice(0)) connection.destroy()
  }

  destroy(): void {
    for (const connection of [...this.#all]) connection.destroy()
  }

  onIdle(connection: UpstreamConnection): void {
    if (this.#retired) {
      connection.destroy()
      return
    }
    connection.idleSince = this.#ticker.now
    this.#idle.push(connection)
  }

  onGone(connection: UpstreamConnection): void {
    this.#all.delete(connection)
    const index = this.#idle.lastIndexOf(connection)
    if (index !== -1) this.#idle.splice(index, 1)
  }

  #open(own: boolean): UpstreamConnection {
    const connection = new UpstreamConnection(this.#settings, this, own)
    this.#all.add(connection)
    return connection
  }
}
