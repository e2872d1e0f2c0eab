import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Duplex } from 'node:stream'
import type { RequestHead } from '../../src/sensors/gateway/request-head.ts'
import { type ReaderLimits, RequestReader } from '../../src/sensors/gateway/request-reader.ts'

/** A request as a parser read it. */
export interface ReadRequest {
  readonly method: string
  readonly target: string
  readonly httpVersion: string
  /** Names in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
  /** Its end was seen. */
  readonly complete: boolean
}

/** What became of the bytes of one connection. */
export interface Reading {
  readonly requests: readonly ReadRequest[]
  /** Why nothing more is read; undefined while more may come. */
  readonly refused: string | undefined
}

export const limits: ReaderLimits = { maxHeaderBytes: 32_768, maxHeaderCount: 200, maxTargetBytes: 16_384 }

/** How the gateway reads `bytes`, given in pieces. It reads on behind a request only where a connection would. */
export function readOurs(pieces: readonly Buffer[]): Reading {
  const requests: { -readonly [Key in keyof ReadRequest]: ReadRequest[Key] }[] = []
  let refused: string | undefined
  let last: RequestHead | undefined
  const reader = new RequestReader(limits, {
    onHead: head => {
      last = head
      const { method, target, httpVersion, headers } = head
      requests.push({ method, target, httpVersion, headers, body: '', complete: false })
    },
    onBody: bytes => {
      requests.at(-1)!.body += bytes.toString('latin1')
    },
    onEnd: () => {
      requests.at(-1)!.complete = true
    },
    onRefused: ({ refusal }) => {
      refused = refusal.shape
    },
  })
  for (const piece of pieces) {
    let at = 0
    while (at < piece.length && refused === undefined) {
      if (reader.done) {
        if (last?.keepAlive !== true || last.upgrade !== undefined) refused = 'closed'
        else reader.next()
      }
      if (refused === undefined) at = reader.read(piece, at, piece.length)
    }
  }
  return { requests, refused }
}

interface Open {
  readonly requests: { message: IncomingMessage; body: string; over: boolean }[]
  refused: string | undefined
}

/** llhttp in its strict mode, as Node's server uses it, fed over a stream in memory. */
export class Llhttp {
  readonly #server: Server
  readonly #open = new WeakMap<Duplex, Open>()

  constructor() {
    this.#server = createServer({
      insecureHTTPParser: false,
      requireHostHeader: false,
      maxHeaderSize: 131_072,
    })
    this.#server.maxHeadersCount = 0
    const take = (message: IncomingMessage, response?: ServerResponse): void => {
      const open = this.#open.get(message.socket)
      if (open === undefined) return
      const request = { message, body: '', over: false }
      open.requests.push(request)
      message.setEncoding('latin1')
      message.on('data', text => {
        request.body += text
      })
      message.on('end', () => {
        request.over = true
      })
      message.on('error', () => undefined)
      response?.on('error', () => undefined)
    }
    this.#server.on('request', take)
    this.#server.on('checkContinue', take)
    this.#server.on('checkExpectation', take)
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      const open = this.#open.get(socket)
      if (open !== undefined && error.code !== 'HPE_INVALID_EOF_STATE') open.refused ??= error.code ?? 'error'
    })
  }

  async read(pieces: readonly Buffer[]): Promise<Reading> {
    const socket = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() })
    const open: Open = { requests: [], refused: undefined }
    this.#open.set(socket, open)
    socket.on('error', () => undefined)
    this.#server.emit('connection', socket)
    for (const piece of pieces) {
      if (open.refused !== undefined) break
      socket.push(piece)
      await turn()
    }
    // What the parser has let through is read out in a few turns of the loop.
    for (let turns = 0; turns < 6; turns += 1) await turn()
    const requests = open.requests.map(({ message, body, over }) => {
      const headers: [string, string][] = []
      for (let index = 0; index < message.rawHeaders.length; index += 2)
        headers.push([message.rawHeaders[index]!.toLowerCase(), message.rawHeaders[index + 1]!])
      const { method = '', url = '', httpVersion } = message
      return { method, target: url, httpVersion, headers, body, complete: over }
    })
    socket.destroy()
    return { requests, refused: open.refused }
  }
}

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/** The origin form of an absolute target. */
const originOf = (target: string): string => {
  const rest = /^https?:\/\/[^/?]*(.*)$/is.exec(target)?.[1]
  if (rest === undefined) return target
  return rest.startsWith('/') ? rest : `/${rest}`
}

/** Where the gateway's reading lets in what llhttp does not, or reads it otherwise; undefined where it is as strict or stricter. */
export function laxer(ours: Reading, theirs: Reading): string | undefined {
  for (const [index, request] of ours.requests.entries()) {
    const other = theirs.requests[index]
    if (other === undefined) return `request ${index} is let in here alone (${theirs.refused})`
    if (request.method !== other.method) return `method ${request.method}, ${other.method}`
    if (request.target !== originOf(other.target)) return `target ${request.target}, ${other.target}`
    if (request.httpVersion !== other.httpVersion)
      return `version ${request.httpVersion}, ${other.httpVersion}`
    if (JSON.stringify(request.headers) !== JSON.stringify(other.headers))
      return `headers ${JSON.stringify(request.headers)}, ${JSON.stringify(other.headers)}`
    if (request.complete) {
      if (!other.complete) return `request ${index} is complete here alone (${theirs.refused})`
      if (request.body !== other.body) return `body ${request.body}, ${other.body}`
    } else if (!other.body.startsWith(request.body) && !request.body.startsWith(other.body))
      return `body so far ${request.body}, ${other.body}`
  }
  const complete = ({ requests }: Reading): number => requests.filter(request => request.complete).length
  if (ours.refused === undefined && theirs.refused === undefined && complete(ours) !== complete(theirs))
    return `${complete(ours)} requests, ${complete(theirs)}`
  return undefined
}
