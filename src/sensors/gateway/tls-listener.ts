import type { Socket } from 'node:net'
import { createServer, type Server, type TLSSocket } from 'node:tls'
import type { CounterSet } from '../../kit/counters.ts'
import { type Placed, Roster } from '../../kit/roster.ts'
import { type CertificateFiles, CertificateStore } from './certificate-store.ts'
import { helloLength, ja4 } from './client-hello.ts'
import type { Ticker } from './ticker.ts'

/** How clients are spoken to over TLS. */
export interface TlsOptions {
  /** The first is shown where no name is asked for. */
  readonly certificates: readonly CertificateFiles[]
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3'
  /** Offer HTTP/2 besides HTTP/1.1. Default true. */
  readonly http2?: boolean
}

/** A connection without TLS yet, and since when. */
interface Waiting extends Placed {
  readonly socket: Socket
  readonly since: number
}

/** Bytes of what the sessions of clients that come again are sealed with. */
export const ticketKeyBytes = 48

/**
 * Ends TLS on connections that a listener accepted: certificates by the name that is asked for, HTTP/2 by ALPN. The first message of a
 * client is read for its fingerprint before TLS reads it.
 */
export class TlsListener {
  readonly #certificates: CertificateStore
  readonly #minVersion: 'TLSv1.2' | 'TLSv1.3'
  readonly #server: Server
  readonly #ticker: Ticker
  readonly #counters: CounterSet
  readonly #handshakeMs: number
  readonly #waiting = new Roster<Waiting>()
  /** By the client's address and port. */
  readonly #fingerprints = new Map<string, string>()

  /**
   * @param onSecure a connection is ready; `ja4` where its first message could be read
   * @throws SallyportError `config/invalid` for certificates that cannot be used
   */
  constructor(
    options: TlsOptions & { readonly ticketKeys: Uint8Array | undefined },
    handshakeMs: number,
    ticker: Ticker,
    counters: CounterSet,
    onSecure: (socket: TLSSocket, ja4: string | undefined) => void,
  ) {
    this.#ticker = ticker
    this.#counters = counters
    this.#handshakeMs = handshakeMs
    this.#minVersion = options.minVersion ?? 'TLSv1.2'
    this.#certificates = new CertificateStore(options.certificates, this.#minVersion)
    this.#server = createServer({
      ...this.#certificates.first,
      ALPNProtocols: options.http2 === false ? ['http/1.1'] : ['h2', 'http/1.1'],
      SNICallback: (name, done) => done(null, this.#certificates.contextFor(name)),
      minVersion: this.#minVersion,
      handshakeTimeout: handshakeMs,
      allowHalfOpen: true,
      ...(options.ticketKeys === undefined ? {} : { ticketKeys: Buffer.from(options.ticketKeys) }),
    })
    this.#server.on('secureConnection', socket => onSecure(socket, this.#fingerprints.get(addressOf(socket))))
    this.#server.on('tlsClientError', (_error, socket) => {
      counters.add('sallyport_gateway_tls_handshakes_failed_total')
      socket.destroy()
    })
  }

  /** Files to watch: what they hold takes effect with `reload`. */
  get paths(): readonly string[] {
    return this.#certificates.paths
  }

  /** Takes a connection on which nothing has been read. */
  accept(socket: Socket): void {
    const waiting: Waiting = { place: -1, socket, since: this.#ticker.now }
    this.#waiting.add(waiting)
    const address = addressOf(socket)
    let held: Buffer | undefined
    const onData = (chunk: Buffer): void => {
      held = held === undefined ? chunk : Buffer.concat([held, chunk])
      const length = helloLength(held)
      if (length === undefined || length > held.length) return
      const fingerprint = length === 0 ? undefined : ja4(held.subarray(0, length))
      if (fingerprint !== undefined) this.#fingerprints.set(address, fingerprint)
      socket.off('data', onData)
      socket.pause()
      this.#waiting.delete(waiting)
      socket.unshift(held)
      this.#server.emit('connection', socket)
    }
    socket.on('data', onData)
    socket.on('error', () => undefined)
    socket.on('end', () => {
      if (this.#waiting.has(waiting)) socket.destroy()
    })
    socket.once('close', () => {
      this.#waiting.delete(waiting)
      this.#fingerprints.delete(address)
    })
  }

  /** Reads the certificates again, for connections that come. On a fault those before stay, and it throws `config/invalid`. */
  reload(): void {
    this.#certificates.reload()
    this.#server.setSecureContext({ ...this.#certificates.first, minVersion: this.#minVersion })
  }

  /** Gives up on connections that do not begin; called with every tick. False where there are none. */
  sweep(): boolean {
    for (const { socket, since } of this.#waiting) {
      if (!this.#ticker.passed(since, this.#handshakeMs)) continue
      this.#counters.add('sallyport_gateway_tls_handshakes_failed_total')
      socket.destroy()
    }
    return this.#waiting.size > 0
  }
}

const addressOf = (socket: Socket): string => `${socket.remoteAddress} ${socket.remotePort}`
