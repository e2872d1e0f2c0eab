import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import type { Placed } from '../../kit/roster.ts'
import type { ClientHost } from './client-connection.ts'
import type { AnswerHead, ClientPeer, ClientSide, Exchange } from './client-side.ts'
import { headerName, mayTrail } from './header-name.ts'
import { type ProblemAnswer, refusalAnswer } from './problem-answer.ts'
import { refusal } from './refusal.ts'
import { RefusedHead, type RequestHead } from './request-head.ts'

/** The client's side of one exchange on an HTTP/2 stream. */
export class Http2Exchange implements ClientSide, Placed {
  place = -1
  readonly peer: ClientPeer
  readonly #stream: ServerHttp2Stream
  readonly #host: ClientHost
  readonly #onOver: (exchange: Http2Exchange) => void
  readonly #since: number
  #exchange: Exchange | undefined
  #head: RequestHead | undefined
  #requestDone = false
  #trailers: readonly string[] = []
  #answerTrailers: readonly string[] = []
  #ended = false
  /** Given up on this side. */
  #aborted = false
  #over = false
  answering = false

  constructor(
    stream: ServerHttp2Stream,
    peer: ClientPeer,
    onOver: (exchange: Http2Exchange) => void,
    host: ClientHost,
  ) {
    this.peer = peer
    this.#stream = stream
    this.#host = host
    this.#onOver = onOver
    this.#since = host.ticker.now
    stream.on('error', () => undefined)
    stream.on('close', () => this.onStreamClosed())
    stream.on('drain', () => this.#exchange?.onClientDrain())
    stream.on('trailers', (_headers, _flags, raw: readonly string[]) => {
      this.#trailers = passable(raw)
    })
    stream.on('wantTrailers', () => stream.sendTrailers(fields(this.#answerTrailers)))
  }

  /** The client took it back, before it had its answer. */
  get reset(): boolean {
    return !this.#ended && !this.#aborted
  }

  begin(head: RequestHead | RefusedHead): void {
    const stream = this.#stream
    if (head instanceof RefusedHead) {
      stream.resume()
      this.#host.onRefusedHead(this.peer, head)
      this.answer(refusalAnswer(head.refusal), true)
      return
    }
    this.#head = head
    this.#requestDone = head.framing.kind === 'none'
    this.#host.onRequest(this, head)
    // A stream that nobody reads never closes.
    if (this.#requestDone) {
      stream.resume()
      this.#exchange?.onBodyEnd([])
      return
    }
    stream.on('data', (chunk: Buffer) => {
      this.#exchange?.onBody(chunk)
      this.#exchange?.onReadEnd()
    })
    stream.on('end', () => {
      this.#requestDone = true
      this.#exchange?.onBodyEnd(this.#trailers)
    })
  }

  attach(exchange: Exchange): void {
    this.#exchange = exchange
  }

  holdBody(): void {
    this.#stream.pause()
  }

  resumeBody(): void {
    this.#stream.resume()
  }

  sendContinue(): void {
    if (this.#head?.expectContinue === true && !this.answering && this.#usable)
      this.#stream.additionalHeaders({ ':status': 100 })
  }

  sendHints(headers: readonly string[]): void {
    if (this.#usable) this.#stream.additionalHeaders({ ':status': 103, ...fields(headers) })
  }

  sendHead({ status, headers, length, bodiless }: AnswerHead): void {
    this.answering = true
    if (!this.#usable) return
    this.#stream.respond(
      { ':status': status, ...fields(headers) },
      { endStream: bodiless, waitForTrailers: !bodiless && length === undefined },
    )
    if (bodiless) this.#ended = true
  }

  write(chunk: Uint8Array): void {
    if (this.#usable && !this.#ended) this.#stream.write(chunk)
  }

  flush(): boolean {
    return !this.#usable || !this.#stream.writableNeedDrain
  }

  end(trailers: readonly string[]): void {
    this.#answerTrailers = trailers
    this.#ended = true
    if (!this.#usable) return
    // A body that nobody reads any more: the answer is complete, and the client need not go on (RFC 9113 §8.1).
    if (!this.#requestDone) this.#stream.once('finish', () => this.#stream.close(constants.NGHTTP2_NO_ERROR))
    if (!this.#stream.writableEnded) this.#stream.end()
  }

  answer(answer: ProblemAnswer, _close: boolean): void {
    this.answering = true
    if (!this.#usable) return
    const bodiless = this.#head?.method === 'HEAD'
    this.#stream.respond({ ':status': answer.status, ...fields(answer.headers) }, { endStream: bodiless })
    if (!bodiless) this.#stream.write(answer.body)
    this.end([])
  }

  abort(): void {
    this.#aborted = true
    this.#stream.close(constants.NGHTTP2_INTERNAL_ERROR)
    this.#stream.resume()
  }

  takeOver(): Socket {
    throw new TypeError('an HTTP/2 stream cannot be upgraded')
  }

  /** The stream is over, however it ended. */
  onStreamClosed(): void {
    if (this.#over) return
    this.#over = true
    const exchange = this.#exchange
    this.#exchange = undefined
    if (this.#ended && this.#stream.rstCode === constants.NGHTTP2_NO_ERROR) exchange?.onAnswered()
    else exchange?.onClientGone()
    this.#onOver(this)
  }

  sweep(): void {
    const { ticker, settings } = this.#host
    if (this.#requestDone || this.#exchange === undefined) return
    if (!ticker.passed(this.#since, settings.requestTimeoutMs)) return
    const refused = refusal('slow-request')
    if (this.#exchange.onRefused(refused))
      this.#host.onRefusedHead(this.peer, new RefusedHead('slow-request'))
  }

  get #usable(): boolean {
    return !this.#stream.destroyed && !this.#stream.closed
  }
}

/** Headers as HTTP/2 takes them: names in lower case, those of a name together. */
function fields(headers: readonly string[]): OutgoingHttpHeaders {
  const byName: Record<string, string | string[]> = {}
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index]!.toLowerCase()
    if (name === 'connection') continue
    const before = byName[name]
    const value = headers[index + 1]!
    byName[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value]
  }
  return byName
}

function passable(raw: readonly string[]): string[] {
  const kept: string[] = []
  for (let index = 0; index < raw.length; index += 2) {
    const name = headerName(raw[index]!)
    if (name !== undefined && mayTrail(name)) kept.push(name.spelling, raw[index + 1]!)
  }
  return kept
}
