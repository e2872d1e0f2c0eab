import type { Socket } from 'node:net'
import { plainAddress, type TrustedProxies } from './client-address.ts'
import { forwardingHeaders } from './forwarding.ts'
import type { Refusal } from './refusal.ts'

/** An exchange as its client connection sees it. */
export interface Exchange {
  /** The client's side of the connection is gone. */
  onClientGone(): void
  /** The rest of the request cannot be read. */
  onMalformed(refused: Refusal): MalformedAt
}

/** How far the answer was when the rest of the request could not be read. */
export type MalformedAt = 'unanswered' | 'answering' | 'answered'

/** Requests of one connection that may wait behind the one being answered. */
const maxPipelined = 32

/**
 * One client connection: its address, and its exchanges one after the other. Pipelined requests wait their turn, so a
 * client has never more upstream connections than connections of its own.
 */
export class ClientConnection {
  readonly socket: Socket
  readonly address: string
  readonly port: number | undefined
  readonly trusted: boolean
  #current: Exchange | undefined
  #busy = false
  #waiting: (() => void)[] | undefined
  #host: string | undefined
  #forwarding: readonly string[] = []

  constructor(socket: Socket, proxies: TrustedProxies) {
    this.socket = socket
    this.address = plainAddress(socket.remoteAddress ?? '')
    this.port = socket.remotePort
    this.trusted = proxies.trusts(this.address)
    socket.once('close', () => {
      this.#waiting = undefined
      this.#current?.onClientGone()
    })
  }

  /** An exchange is under way. */
  get busy(): boolean {
    return this.#busy
  }

  /** Forwarding headers for a client that is itself our peer: the same until it asks for another host. */
  ownForwarding(host: string): readonly string[] {
    if (host !== this.#host) {
      this.#host = host
      this.#forwarding = forwardingHeaders({ chain: [this.address], proto: 'http', host })
    }
    return this.#forwarding
  }

  /** Runs `start` now, or once the exchanges before it are over. False when too many wait already. */
  enqueue(start: () => void): boolean {
    if (!this.#busy) {
      this.#busy = true
      start()
      return true
    }
    this.#waiting ??= []
    if (this.#waiting.length >= maxPipelined) return false
    this.#waiting.push(start)
    return true
  }

  set current(exchange: Exchange) {
    this.#current = exchange
  }

  /** The parser gave up on this connection. */
  onMalformed(refused: Refusal): MalformedAt {
    return this.#current?.onMalformed(refused) ?? 'unanswered'
  }

  /** The current exchange is over: the next one's turn. */
  release(): void {
    this.#current = undefined
    const next = this.#waiting?.shift()
    if (next === undefined) this.#busy = false
    else next()
  }
}
