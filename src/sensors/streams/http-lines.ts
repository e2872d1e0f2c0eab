import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { inflate, isCoded } from '../../call/decode/inflate.ts'
import { listen } from '../listen.ts'
import { isAllowed } from '../otlp/sender.ts'
import type { Taken } from './line-intake.ts'

export interface HttpLinesOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Bearer token that senders must give; none is asked for when absent. */
  readonly token?: string
  /** Bytes of one body, as sent and after inflating. */
  readonly maxBodyBytes: number
  /** Connections at a time. */
  readonly maxConnections: number
  /** Ms after which a body that does not go on is given up. */
  readonly idleMs: number
}

export const defaultHttpLinesOptions: HttpLinesOptions = {
  host: '127.0.0.1',
  port: 0,
  maxBodyBytes: 16 * 1024 * 1024,
  maxConnections: 256,
  idleMs: 30_000,
}

export interface HttpLinesParts {
  /** What listens, in words, for errors. */
  readonly title: string
  readonly options: HttpLinesOptions
  /** Paths that are posted to. */
  readonly paths: readonly string[]
  /** Takes the text of a body. */
  readonly take: (path: string, text: string) => Taken
  /** Told of a body that could not be read at all, as a sentence. */
  readonly reject: (fault: string) => void
}

/** Takes JSON, or lines of JSON or text, that others post to it: plain, gzip, deflate, br or zstd. */
export class HttpLines {
  readonly #parts: HttpLinesParts
  readonly #server: Server
  address = ''

  private constructor(parts: HttpLinesParts) {
    this.#parts = parts
    const { idleMs, maxConnections } = parts.options
    this.#server = createServer({ requestTimeout: idleMs, headersTimeout: idleMs }, (request, response) =>
      this.#serve(request, response),
    )
    this.#server.maxConnections = maxConnections
  }

  /** @throws SallyportError `listen/in-use`, `config/invalid` */
  static async listen(parts: HttpLinesParts): Promise<HttpLines> {
    const lines = new HttpLines(parts)
    const { host, port } = parts.options
    lines.address = (await listen(lines.#server, parts.title, { host, port })).address
    return lines
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const { options, paths } = this.#parts
    const path = request.url?.split('?', 1)[0] ?? '/'
    const refusal = this.#refusalOf(request, path, paths)
    if (refusal !== undefined) {
      refuse(request, response, ...refusal)
      return
    }
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= options.maxBodyBytes) chunks.push(chunk)
      else if (!response.headersSent) {
        chunks.length = 0
        this.#parts.reject(`A body has more than ${options.maxBodyBytes} bytes.`)
        refuse(request, response, 413, `The body has more than ${options.maxBodyBytes} bytes.`)
      }
    })
    request.on('error', () => {})
    request.on('end', () => {
      if (!response.headersSent) this.#answer(request, response, path, Buffer.concat(chunks, size))
    })
  }

  #refusalOf(
    request: IncomingMessage,
    path: string,
    paths: readonly string[],
  ): readonly [status: number, sentence: string] | undefined {
    if (request.headers.origin !== undefined) return [403, 'Browsers do not report here.']
    if (!isAllowed(request.headers.authorization, this.#parts.options.token))
      return [401, 'The bearer token is missing or wrong.']
    if (!paths.includes(path)) return [404, `Post to ${paths.join(', ')}.`]
    return request.method === 'POST' ? undefined : [405, 'Records are sent with POST.']
  }

  #answer(request: IncomingMessage, response: ServerResponse, path: string, body: Buffer): void {
    const { options, reject, take } = this.#parts
    const coding = request.headers['content-encoding']
    let bytes: Uint8Array = body
    if (isCoded(coding)) {
      const inflated = inflate(body, coding, options.maxBodyBytes)
      if (!inflated.ok) {
        const tooLarge = inflated.reason.startsWith('inflates')
        const sentence = `The body ${tooLarge ? inflated.reason : `cannot be read: ${inflated.reason}`}.`
        reject(sentence)
        refuse(request, response, tooLarge ? 413 : 400, sentence)
        return
      }
      bytes = inflated.bytes
    }
    const { read, rejected } = take(path, Buffer.from(bytes).toString('utf8'))
    const text = JSON.stringify({ read, rejected })
    // Nothing of it was of use: senders are told, and do not try again.
    response.writeHead(read === 0 && rejected > 0 ? 400 : 200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    })
    response.end(text)
  }
}

function refuse(request: IncomingMessage, response: ServerResponse, status: number, sentence: string): void {
  request.resume()
  const body = JSON.stringify({ message: sentence })
  response.writeHead(status, {
    connection: 'close',
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  })
  response.end(body)
}
