import type { Socket } from 'node:net'
import type { CounterSet } from '../../kit/counters.ts'
import type { Placed } from '../../kit/roster.ts'
import { plainAddress, type TrustedProxies } from './client-address.ts'
import type { AnswerHead, ClientPeer, ClientSide, Exchange } from './client-side.ts'
import { forwardingHeaders } from './forwarding.ts'
import type { GatewaySettings } from './options.ts'
import { Outgoing } from './outgoing.ts'
import { type ProblemAnswer, refusalAnswer } from './problem-answer.ts'
import { RefusedHead, type RequestHead } from './request-head.ts'
import { type RequestEvents, RequestReader } from './request-reader.ts'
import type { Ticker } from './ticker.ts'

/** What all client connections of a gateway share. */
export interface ClientHost {
  readonly settings: GatewaySettings
  readonly counters: CounterSet
  readonly ticker: Ticker
  /** New exchanges are no longer awaited on any connection. */
  readonly draining: boolean
  /** A request's head is in: an exchange attaches itself. */
  onRequest(client: ClientSide, head: RequestHead): void
  /** A request that is not let in; it is answered by the connection. */
  onRefusedHead(peer: ClientPeer, refused: RefusedHead): void
  onClosed(client: ClientConnection): void
}

/** Requests of one connection that may wait behind the one being answered. */
const maxPipelined = 32
/** Bytes that may wait behind it; beyond them nothing more is read. */
const maxPendingBytes = 65_536
/** The body left of a small refused request is read and dropped, so that its connection can stay. */
const dropBytes = 65_536
/** How long what a client still sends is read past once it has its last answer. */
const lingerMs = 5_000

const carriesBody = /\r\n(?:content-length|transfer-encoding)[ \t]*:/i

export class PeerOf implements ClientPeer {
  readonly address: string
  readonly port: number | undefined
  trusted: boolean
  readonly ja4: string | undefined
  readonly proto: 'http' | 'https'
  #host: string | undefined
  #forwarding: readonly string[] = []

  /** @param ja4 fingerprint of its TLS handshake */
  constructor(socket: Socket, proxies: TrustedProxies, proto: 'http' | 'https', ja4?: string) {
    this.ja4 = ja4
    this.address = plainAddress(socket.remoteAddress ?? '')
    this.port = socket.remotePort
    this.trusted = proxies.trusts(this.address)
    this.proto = proto
  }

  /** Asks again whether it is a proxy whose word is taken. */
  judge(proxies: TrustedProxies): void {
    this.trusted = proxies.trusts(this.address)
  }

  /** The same until it asks for another host. */
  ownForwarding(host: string): readonly string[] {
    if (host !== this.#host) {
      this.#host = host
      this.#forwarding = forwardingHeaders({ chain: [this.address], proto: this.proto, host })
    }
    return this.#forwarding
  }
}

/**
 * One HTTP/1.x client connection: its requests one after the other, each read only once the one before it has its whole answer, so that a
 * client has never more upstream connections than connections of its own.
 */
export class ClientConnection implements ClientSide, RequestEvents, Placed {
  place = -1
  readonly peer: PeerOf
  readonly #socket: Socket
  readonly #host: ClientHost
  readonly #reader: RequestReader
  readonly #out: Outgoing
  #exchange: Exchange | undefined
  #head: RequestHead | undefined
  #keepAlive = true
  #continued = true
  #answering = false
  #chunked = false
  /** The whole answer has been written, though perhaps not sent. */
  #ended = false
  #consuming = false
  #paused = false
  /** Bytes behind the request under way. */
  #pending: Buffer | undefined
  /** Up to where they were looked through for heads, and how many there are; a body ends the looking. */
  #scanned = 0
  #behind = 0
  /** Nothing more is read as a request. */
  #closing = false
  #lingering = false
  #lingered = 0
  /** In the ticker's time: when what it now waits for began. */
  #since: number
  /** When its last byte came. */
  #heard: number
  #requests = 0

  constructor(socket: Socket, peer: PeerOf, host: ClientHost) {
    this.peer = peer
    this.#socket = socket
    this.#host = host
    this.#reader = new RequestReader(host.settings, this)
    this.#out = new Outgoing(socket)
    this.#since = host.ticker.now
    this.#heard = host.ticker.now
    socket.on('data', this.#onData)
    socket.on('drain', this.#onDrain)
    socket.on('end', this.#onEof)
    socket.on('close', this.#onClose)
    // What broke it shows as its close.
    socket.on('error', () => undefined)
  }

  get answering(): boolean {
    return this.#answering
  }

  // ---- reading

  readonly #onData = (chunk: Buffer): void => {
    this.#heard = this.#host.ticker.now
    if (this.#lingering) {
      this.#lingered += chunk.length
      if (this.#lingered > this.#host.settings.lingerBytes) this.#socket.destroy()
      return
    }
    if (this.#closing) return
    if (this.#pending !== undefined) this.#hold(chunk)
    else this.#consume(chunk)
    this.#exchange?.onReadEnd()
  }

  #consume(chunk: Buffer): void {
    let at = 0
    this.#consuming = true
    if (this.#reader.idle) this.#since = this.#heard
    while (at < chunk.length && !this.#closing) {
      if (this.#reader.done) {
        this.#hold(at === 0 ? chunk : chunk.subarray(at))
        break
      }
      at = this.#reader.read(chunk, at, chunk.length)
    }
    this.#consuming = false
  }

  /** Keeps what came behind the request under way. A client that runs too far ahead is let go. */
  #hold(chunk: Buffer): void {
    this.#pending = this.#pending === undefined ? chunk : Buffer.concat([this.#pending, chunk])
    const text = this.#pending
    // Bytes of another protocol, as far as anybody can tell.
    if (this.#head?.upgrade !== undefined) this.#keepAlive = false
    if (this.#head?.upgrade !== 'websocket') {
      while (this.#scanned !== -1) {
        const end = text.indexOf('\r\n\r\n', this.#scanned, 'latin1')
        if (end === -1) break
        this.#behind += 1
        const body = carriesBody.test(text.toString('latin1', this.#scanned, end + 2))
        this.#scanned = body ? -1 : end + 4
      }
      if (this.#behind > maxPipelined) {
        this.#host.counters.add('sallyport_gateway_pipelining_refused_total')
        this.#socket.destroy()
        return
      }
    }
    if (text.length > maxPendingBytes) this.#pause()
  }

  onHead(head: RequestHead): void {
    this.#head = head
    this.#requests += 1
    this.#answering = false
    this.#ended = false
    this.#continued = !head.expectContinue
    // Behind a request to upgrade stand bytes of the other protocol.
    this.#keepAlive = head.keepAlive && head.upgrade !== 'websocket'
    this.#host.onRequest(this, head)
  }

  onBody(bytes: Buffer): void {
    this.#exchange?.onBody(bytes)
  }

  onEnd(trailers: readonly string[]): void {
    if (this.#exchange !== undefined) this.#exchange.onBodyEnd(trailers)
    // The rest of a body that nobody wanted any more.
    else if (!this.#closing && this.#ended) this.#next()
  }

  onRefused(refused: RefusedHead): void {
    const exchange = this.#exchange
    if (exchange === undefined) {
      this.#host.onRefusedHead(this.peer, refused)
      const answer = refusalAnswer(refused.refusal)
      this.#out.add(answerText(answer, 'Connection: close\r\n'))
      this.#out.add(answer.body)
      this.#out.flush()
      this.#close()
      return
    }
    this.#keepAlive = false
    if (exchange.onRefused(refused.refusal))
      this.#host.onRefusedHead(this.peer, new RefusedHead(refused.refusal.shape))
  }

  attach(exchange: Exchange): void {
    this.#exchange = exchange
  }

  holdBody(): void {
    this.#pause()
  }

  resumeBody(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#socket.resume()
  }

  #pause(): void {
    this.#paused = true
    this.#socket.pause()
  }

  // ---- answering

  sendContinue(): void {
    if (this.#continued) return
    this.#continued = true
    this.#out.add('HTTP/1.1 100 Continue\r\n\r\n')
    this.#out.flush()
  }

  sendHints(headers: readonly string[]): void {
    // Informational responses are unknown to HTTP/1.0.
    if (this.#head?.httpVersion !== '1.1') return
    this.#out.add(`HTTP/1.1 103 Early Hints\r\n${headerText(headers)}\r\n`)
    this.#out.flush()
  }

  sendHead({ status, reason, headers, length, bodiless }: AnswerHead): void {
    const head = this.#head!
    this.#answering = true
    this.#chunked = false
    if (this.#host.draining) this.#keepAlive = false
    let text = `HTTP/1.1 ${status} ${reason}\r\n${headerText(headers)}`
    if (!bodiless && length === undefined) {
      this.#chunked = head.httpVersion === '1.1'
      if (this.#chunked) text += 'Transfer-Encoding: chunked\r\n'
      else this.#keepAlive = false
    }
    if (!this.#keepAlive) text += 'Connection: close\r\n'
    else if (head.httpVersion === '1.0') text += 'Connection: keep-alive\r\n'
    this.#out.add(`${text}\r\n`)
  }

  write(chunk: Uint8Array): void {
    if (!this.#chunked) {
      this.#out.add(chunk)
      return
    }
    this.#out.add(`${chunk.length.toString(16)}\r\n`)
    this.#out.add(chunk)
    this.#out.add('\r\n')
  }

  flush(): boolean {
    return this.#out.flush()
  }

  end(trailers: readonly string[]): void {
    if (this.#chunked) this.#out.add(`0\r\n${headerText(trailers)}\r\n`)
    this.#out.flush()
    this.#ended = true
    if (this.#socket.writableLength === 0) this.#answered()
    else
      this.#socket.write(nothing, error => {
        if (error == null) this.#answered()
      })
  }

  answer(answer: ProblemAnswer, close: boolean): void {
    const { remaining, done } = this.#reader
    // A body still under way is read past where it is short and will come; else the connection ends with the answer.
    const short = done || (remaining !== undefined && remaining <= dropBytes && this.#continued)
    if (close || !short || this.#host.draining) this.#keepAlive = false
    this.#answering = true
    this.#chunked = false
    const more = this.#keepAlive
      ? this.#head?.httpVersion === '1.0'
        ? 'Connection: keep-alive\r\n'
        : ''
      : 'Connection: close\r\n'
    this.#out.add(answerText(answer, more))
    if (this.#head?.method !== 'HEAD') this.#out.add(answer.body)
    this.end([])
  }

  abort(): void {
    this.#socket.destroy()
  }

  takeOver(): Socket {
    const socket = this.#socket
    socket.off('data', this.#onData)
    socket.off('drain', this.#onDrain)
    socket.off('end', this.#onEof)
    socket.off('close', this.#onClose)
    socket.pause()
    if (this.#pending !== undefined) socket.unshift(this.#pending)
    this.#exchange = undefined
    this.#host.onClosed(this)
    return socket
  }

  // ---- between and behind exchanges

  /** The answer is with the system. */
  #answered(): void {
    const exchange = this.#exchange
    this.#exchange = undefined
    exchange?.onAnswered()
    if (this.#socket.destroyed) return
    const { done, remaining } = this.#reader
    if (!this.#keepAlive || !(done || (remaining !== undefined && remaining <= dropBytes))) this.#close()
    else {
      this.resumeBody()
      if (done) this.#next()
    }
  }

  /** The next request's turn. */
  #next(): void {
    this.#reader.next()
    this.#head = undefined
    this.#since = this.#host.ticker.now
    if (this.#host.draining) {
      this.#close()
      return
    }
    const pending = this.#pending
    // What is being read is read on by whoever reads it.
    if (pending === undefined || this.#consuming) return
    this.#pending = undefined
    this.#scanned = 0
    this.#behind = 0
    this.resumeBody()
    this.#consume(pending)
    ;(this.#exchange as Exchange | undefined)?.onReadEnd()
  }

  /**
   * Ends the connection behind the last answer. Where the client may still be sending, what it sends is read past for a while: closing
   * with unread bytes in the socket resets the connection and can take the answer with it.
   */
  #close(): void {
    this.#closing = true
    const nothingMore = this.#reader.idle || (this.#reader.done && this.#pending === undefined)
    if (nothingMore && !this.#consuming) {
      this.#socket.destroySoon()
      return
    }
    this.#lingering = true
    this.#pending = undefined
    this.#since = this.#host.ticker.now
    this.#socket.end()
    this.resumeBody()
  }

  /** The gateway closes: an idle connection ends now, any other behind its answer. */
  drain(): void {
    if (this.#exchange === undefined && this.#reader.inHead) this.#socket.destroy()
  }

  /** Looks after the time-outs that are the connection's; called with every tick. */
  sweep(): void {
    const { settings, ticker } = this.#host
    if (this.#lingering) {
      if (ticker.passed(this.#since, lingerMs)) this.#socket.destroy()
    } else if (this.#exchange !== undefined) {
      if (!this.#reader.done && ticker.passed(this.#since, settings.requestTimeoutMs))
        this.onRefused(new RefusedHead('slow-request'))
    } else if (this.#ended && !this.#reader.done && !this.#reader.inHead) {
      if (ticker.passed(this.#heard, settings.idleTimeoutMs)) this.#socket.destroy()
    } else if (this.#reader.idle) {
      const patience = this.#requests === 0 ? settings.headerTimeoutMs : settings.keepAliveTimeoutMs
      if (ticker.passed(this.#since, patience)) this.#socket.destroy()
    } else if (this.#reader.inHead && ticker.passed(this.#since, settings.headerTimeoutMs))
      this.onRefused(new RefusedHead('slow-request'))
  }

  readonly #onDrain = (): void => {
    this.#exchange?.onClientDrain()
  }

  /** The client sends no more. Within an exchange it has given up on it. */
  readonly #onEof = (): void => {
    if (this.#lingering || (this.#exchange !== undefined && !this.#ended)) this.#socket.destroy()
    else {
      this.#keepAlive = false
      if (this.#exchange === undefined) this.#socket.destroySoon()
    }
  }

  readonly #onClose = (): void => {
    const exchange = this.#exchange
    this.#exchange = undefined
    this.#pending = undefined
    exchange?.onClientGone()
    this.#host.onClosed(this)
  }
}

const nothing = Buffer.alloc(0)

function headerText(headers: readonly string[]): string {
  let text = ''
  for (let index = 0; index < headers.length; index += 2)
    text += `${headers[index]}: ${headers[index + 1]}\r\n`
  return text
}

const answerText = ({ status, headers, reason }: ProblemAnswer, more: string): string =>
  `HTTP/1.1 ${status} ${reason}\r\n${headerText(headers)}${more}\r\n`
