import type { FlowEvent } from '../../call/flow-event.ts'
import type { RawMessage } from '../../call/raw-exchange.ts'
import { MessageLog } from '../gateway/message-log.ts'
import type { CaptureCounts } from './capture-counts.ts'
import type { CaptureLimits } from './capture-options.ts'
import type { CaptureNotes, ExchangeSink, Parties } from './captured-exchange.ts'
import { type ClientHello, isTls, longestHello, readClientHello } from './client-hello.ts'
import type { ConnectionReader, End } from './connection-table.ts'
import type { HeldLedger } from './held-budget.ts'
import {
  Http1Conversation,
  type PendingRequest,
  requestExchange,
  type Upgrade,
} from './http1-conversation.ts'
import { Http2Conversation } from './http2-conversation.ts'
import { connectionPreface } from './http2-frames.ts'
import { addressText } from './packet-decoder.ts'
import type { Moment, Side, TcpConnection } from './tcp-connection.ts'

/** Where what a capture tells goes. */
export interface ConversationSink {
  nextId(time: number): string
  call: ExchangeSink['call']
  flow(flow: FlowEvent): void
}

interface Speech {
  data(fromClient: boolean, bytes: Buffer, moment: Moment): void
  gap(fromClient: boolean, size: number, moment: Moment): void
  finish(fromClient: boolean, time: number): void
  end(time: number): void
  pendingSince(): number | undefined
}

const messageLimits = { read: true, reportMs: 60_000, count: 64, bytes: 16_384, messageBytes: 4_096 }

/** What first bytes look like. */
type Looks = 'request' | 'response' | 'http2' | 'tls' | 'other' | 'more'

const requestBegin = /^[A-Za-z][A-Za-z_-]{0,31} [^ \r\n]/
const requestSoFar = /^[A-Za-z][A-Za-z_-]{0,31} ?$/

export function looksLike(bytes: Buffer): Looks {
  const text = bytes.toString('latin1', 0, 40)
  if (text.startsWith(connectionPreface)) return 'http2'
  if (connectionPreface.startsWith(text)) return 'more'
  const tls = isTls(bytes)
  if (tls !== false) return tls === true ? 'tls' : 'more'
  if (text.startsWith('HTTP/1.')) return 'response'
  if ('HTTP/1.'.startsWith(text)) return 'more'
  // Empty lines may come first.
  const line = text.replace(/^[\r\n]+/, '')
  if (line === '') return bytes.length < 40 ? 'more' : 'other'
  return requestBegin.test(line) ? 'request' : requestSoFar.test(line) ? 'more' : 'other'
}

/**
 * One connection: which end asks, what they speak, and so who reads it. HTTP becomes calls; of everything else it is told that it was,
 * between whom and how much.
 */
export class Conversation implements ConnectionReader {
  readonly #limits: CaptureLimits
  readonly #counts: CaptureCounts
  readonly #ledger: HeldLedger
  readonly #ends: readonly [End, End]
  readonly #sink: ConversationSink
  #connection: TcpConnection | undefined
  #client: Side | undefined
  #parties: Parties | undefined
  /** First bytes of each direction until it is known what they are. */
  readonly #first: [Buffer, Buffer] = [noBytes, noBytes]
  readonly #firstAt: [Moment | undefined, Moment | undefined] = [undefined, undefined]
  #speech: Speech | undefined
  #kind: 'unknown' | 'http' | 'tls' | 'other' = 'unknown'
  #hello: ClientHello | undefined
  #helloDone = false
  #toldAt: number
  #toldBytes = 0
  #sent: [number, number] = [0, 0]

  constructor(
    ends: readonly [End, End],
    limits: CaptureLimits,
    counts: CaptureCounts,
    ledger: HeldLedger,
    sink: ConversationSink,
  ) {
    this.#ends = ends
    this.#limits = limits
    this.#counts = counts
    this.#ledger = ledger
    this.#sink = sink
    this.#toldAt = -1
  }

  data(side: Side, bytes: Buffer, moment: Moment): void {
    this.#sent[side] += bytes.length
    if (this.#speech !== undefined) {
      this.#speech.data(side === this.#client, bytes, moment)
      return
    }
    if (this.#kind === 'unknown') this.#listen(side, bytes, moment)
    else if (this.#kind === 'tls' && !this.#helloDone && side === this.#client) this.#readHello(side, bytes)
  }

  gap(side: Side, size: number, moment: Moment): void {
    this.#sent[side] += size
    if (this.#speech !== undefined) this.#speech.gap(side === this.#client, size, moment)
    else if (this.#first[side].length > 0) {
      this.#dropFirst(side)
      if (this.#kind === 'tls') this.#helloDone = true
    }
  }

  finish(side: Side, moment: Moment): void {
    this.#speech?.finish(side === this.#client, moment.time)
  }

  tick(connection: TcpConnection, now: number): void {
    this.#connection = connection
    if (this.#toldAt < 0) this.#toldAt = now
    if (this.#kind !== 'tls' && this.#kind !== 'other') return
    if (now - this.#toldAt >= this.#limits.flowEveryMs) this.#tellFlow(now)
  }

  pendingSince(): number | undefined {
    return this.#speech?.pendingSince()
  }

  end(connection: TcpConnection, now: number): void {
    this.#connection = connection
    if (this.#kind === 'unknown') this.#guess()
    this.#speech?.end(connection.lastAt)
    this.#speech = undefined
    if (this.#kind === 'tls' || this.#kind === 'other') this.#tellFlow(now)
  }

  #listen(side: Side, bytes: Buffer, moment: Moment): void {
    const before = this.#first[side]
    const held = before.length === 0 ? bytes : Buffer.concat([before, bytes])
    const whole = before.length === 0 ? moment : this.#firstAt[side]!
    const looks = looksLike(held)
    // Of HTTP/2 the server may speak before it is spoken to: what it is, the client's first bytes tell.
    const early = looks === 'other' && this.#initiator === opposite(side) && held.length <= mostEarly
    if (looks === 'more' || (early && this.#first[opposite(side)].length === 0)) {
      this.#dropFirst(side)
      if (this.#ledger.take(held.length)) {
        this.#first[side] = Buffer.from(held)
        this.#firstAt[side] = whole
      } else this.#become('other')
      return
    }
    this.#dropFirst(side)
    const asks = looks === 'request' || looks === 'http2' || (looks === 'tls' && held[5] === 1)
    this.#client = asks ? side : looks === 'other' ? undefined : opposite(side)
    if (looks === 'other') this.#become('other')
    else if (looks === 'tls') {
      this.#counts.tls += 1
      this.#kind = 'tls'
      if (asks) this.#readHello(side, held)
      else this.#helloDone = true
    } else {
      this.#kind = 'http'
      const speech = looks === 'http2' ? this.#http2() : this.#http1()
      this.#speech = speech
      speech.data(side === this.#client, held, whole)
      this.#hearEarly(opposite(side))
    }
  }

  /** What the other side said before it was known what it speaks. */
  #hearEarly(side: Side): void {
    const bytes = this.#first[side]
    if (bytes.length === 0) return
    this.#speech?.data(side === this.#client, bytes, this.#firstAt[side]!)
    this.#dropFirst(side)
  }

  #become(kind: 'other'): void {
    this.#kind = kind
    for (const side of [0, 1] as const) this.#dropFirst(side)
  }

  /** Nothing was said that tells what it was. */
  #guess(): void {
    if (this.#sent[0] + this.#sent[1] === 0) return
    this.#become('other')
  }

  #dropFirst(side: Side): void {
    this.#ledger.give(this.#first[side].length)
    this.#first[side] = noBytes
  }

  #readHello(side: Side, bytes: Buffer): void {
    const before = this.#first[side]
    const held = before.length === 0 ? bytes : Buffer.concat([before, bytes])
    const hello = readClientHello(held)
    this.#dropFirst(side)
    if (hello === 'more' && held.length < longestHello && this.#ledger.take(held.length)) {
      this.#first[side] = Buffer.from(held)
      return
    }
    this.#helloDone = true
    if (hello !== 'more') this.#hello = hello
  }

  get #initiator(): Side | undefined {
    return this.#connection?.initiator
  }

  #http2(): Http2Conversation {
    return new Http2Conversation(this.#limits, this.#counts, this.#ledger, this.#exchangeSink(), this.#notes)
  }

  #http1(): Http1Conversation {
    const sink = this.#exchangeSink()
    return new Http1Conversation(
      this.#limits,
      this.#counts,
      this.#ledger,
      sink,
      {
        onUpgrade: upgrade => this.#onUpgrade(upgrade, sink),
        onForeign: () => {
          this.#speech = undefined
          this.#kind = 'other'
        },
      },
      this.#notes,
      this.#initiator !== undefined,
    )
  }

  #onUpgrade({ protocol, request, response }: Upgrade, sink: ExchangeSink): boolean {
    if (protocol === 'h2c') {
      this.#speech = new Http2Conversation(this.#limits, this.#counts, this.#ledger, sink, this.#notes, {
        method: request.method,
        target: request.target,
        host: request.host,
        httpVersion: '2',
        headers: request.headers.filter(([name]) => !upgradeHeaders.has(name)),
        body: request.body ?? { bytes: new Uint8Array(0), size: 0, truncated: false },
        time: request.time,
      })
      return true
    }
    if (protocol !== 'websocket') {
      this.#speech = undefined
      return false
    }
    request.response = response
    this.#speech = new CapturedWebSocket(sink, request, this.#notes, this.#counts)
    return true
  }

  readonly #notes = (): CaptureNotes => {
    const conflicts = this.#connection?.conflicts ?? 0
    return conflicts === 0 ? {} : { contradictingSegments: conflicts }
  }

  #exchangeSink(): ExchangeSink {
    return {
      parties: this.#whoIsWho(),
      nextId: time => this.#sink.nextId(time),
      call: exchange => this.#sink.call(exchange),
    }
  }

  #whoIsWho(): Parties {
    if (this.#parties !== undefined) return this.#parties
    const [first, second] = this.#ends
    // Servers have the lower port where nothing else tells.
    const client = this.#client ?? this.#initiator ?? (first.port < second.port ? 1 : 0)
    const [from, to] = client === 0 ? [first, second] : [second, first]
    const parties = {
      client: { ip: addressText(from.address), port: from.port },
      server: { ip: addressText(to.address), port: to.port },
    }
    this.#parties = parties
    return parties
  }

  #tellFlow(now: number): void {
    const bytes = this.#sent[0] + this.#sent[1]
    if (bytes === this.#toldBytes) return
    const { client, server } = this.#whoIsWho()
    const fresh = bytes - this.#toldBytes
    this.#toldAt = now
    this.#toldBytes = bytes
    const { serverName, protocols, ja4 } = this.#hello ?? { protocols: [] }
    this.#sink.flow({
      type: 'flow',
      id: this.#sink.nextId(now),
      time: Math.floor(now),
      workload: { name: client.ip },
      peer: { ...(serverName === undefined ? {} : { host: serverName }), ip: server.ip, port: server.port },
      direction: 'egress',
      protocol: this.#kind === 'tls' ? 'tls' : 'tcp',
      bytes: fresh,
      source: 'capture',
      ...(ja4 === undefined
        ? {}
        : { extra: { ja4, ...(protocols.length === 0 ? {} : { alpn: protocols }) } }),
    })
  }
}

const noBytes = Buffer.alloc(0)
/** Bytes that a server may say before the client has. */
const mostEarly = 4_096
const opposite = (side: Side): Side => (side === 0 ? 1 : 0)
const upgradeHeaders = new Set(['connection', 'upgrade', 'http2-settings'])

/** Messages of an upgraded connection, told with the call that opened it: those of its first minute. */
class CapturedWebSocket implements Speech {
  readonly #sink: ExchangeSink
  readonly #request: PendingRequest
  readonly #notes: () => CaptureNotes
  readonly #log: MessageLog
  #now: number
  #lost = false
  #told = false

  constructor(sink: ExchangeSink, request: PendingRequest, notes: () => CaptureNotes, counts: CaptureCounts) {
    this.#sink = sink
    this.#request = request
    this.#notes = notes
    this.#now = request.time
    this.#log = new MessageLog(messageLimits, { now: () => Math.floor(this.#now) }, () =>
      counts.fault('the messages of a WebSocket connection could not be read'),
    )
  }

  data(fromClient: boolean, bytes: Buffer, moment: Moment): void {
    this.#now = moment.time
    if (this.#lost || this.#told) return
    if (fromClient) this.#log.sent(bytes)
    else this.#log.received(bytes)
    if (this.#now - this.#request.time >= messageLimits.reportMs) this.end(this.#now)
  }

  gap(): void {
    this.#lost = true
  }

  finish(): void {}

  pendingSince(): number | undefined {
    return this.#told ? undefined : this.#request.time
  }

  /** Tells the call with the messages so far; those after it are left out. */
  end(time: number): void {
    if (this.#told) return
    this.#told = true
    const messages: readonly RawMessage[] = this.#log.take()?.messages ?? []
    const exchange = requestExchange(this.#sink, this.#request, this.#notes())
    this.#sink.call({
      ...exchange,
      durationMs: Math.max(0, Math.round((time - this.#request.time) * 1000) / 1000),
      ...(messages.length === 0 ? {} : { messages }),
    })
  }
}
