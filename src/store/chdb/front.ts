import { timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { ChdbEngine, ChdbSession } from './engine.ts'
import { FrontError, type FrontRequest, readInsert, readRequest } from './request.ts'

export interface ChdbFrontOptions {
  readonly engine: ChdbEngine
  readonly username: string
  readonly password: string
  /** Statements running at once; more wait. */
  readonly concurrency: number
  /** Statements waiting; beyond it they are refused with ClickHouse's code 202. */
  readonly waiting: number
  /** Bytes of one request's body; larger ones are refused. */
  readonly bodyBytes: number
}

/** Formats whose rows stand alone, so that the engine's chunks can be sent on as they come. */
const streamed = new Set(['JSONEachRow', 'JSONCompactEachRow', 'TabSeparated'])
// At the end of a statement, optionally before a semicolon.
const formatClause = /\bFORMAT\s{1,10}([A-Za-z]{1,40})\s{0,10};?$/i
const reading = /^\s{0,100}(?:SELECT|WITH|SHOW|DESCRIBE|EXISTS)\b/i

/**
 * As much of ClickHouse's HTTP interface as `@clickhouse/client` uses, in front of an engine in this process: ping,
 * statements in the body, inserts with the statement in the URL and rows in the body, settings and query parameters in
 * the URL, streamed results, ClickHouse's own error texts. Each request has a connection of its own, so settings and
 * parameters cannot meet.
 */
export function chdbFront(options: ChdbFrontOptions): Server {
  const turns = new Turns(options.concurrency, options.waiting)
  const expected = Buffer.from(
    `Basic ${Buffer.from(`${options.username}:${options.password}`).toString('base64')}`,
  )
  const authorized = (request: IncomingMessage): boolean => {
    const given = Buffer.from(request.headers.authorization ?? '')
    return given.length === expected.length && timingSafeEqual(given, expected)
  }
  const server = createServer((request, response) => {
    answer(request, response).catch(thrown => fail(response, thrown))
  })
  // The client keeps idle sockets; it must be the one that closes them, or it writes into a closed one.
  server.keepAliveTimeout = 60_000
  server.headersTimeout = 20_000
  server.requestTimeout = 120_000

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://front')
    if (url.pathname === '/ping') {
      response.end('Ok.\n')
      return
    }
    if (!authorized(request)) throw new FrontError(516, 'AUTHENTICATION_FAILED', 'Authentication failed')
    if (url.pathname !== '/') throw new FrontError(36, 'BAD_ARGUMENTS', 'There is nothing at this path')
    const body = await readBody(request, options.bodyBytes)
    const insert = readInsert(url.searchParams.get('query') ?? '')
    const asked = readRequest(url.searchParams, insert === undefined ? body.toString('utf8') : '')
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    const release = await turns.take(gone.signal)
    const session = options.engine.connect()
    try {
      response.setHeader('X-ClickHouse-Query-Id', printable(asked.queryId))
      if (asked.preparation !== '') await session.queryAsync(asked.preparation)
      if (insert !== undefined) {
        // An empty body is no rows, not an error.
        const { rowsWritten, bytesWritten } =
          body.length === 0
            ? { rowsWritten: 0, bytesWritten: 0 }
            : await session.insert({ ...insert, values: body })
        const summary = { written_rows: String(rowsWritten), written_bytes: String(bytesWritten) }
        response.setHeader('X-ClickHouse-Summary', JSON.stringify(summary))
        response.end()
      } else {
        await run(session, asked, response, gone.signal)
      }
    } finally {
      session.close()
      release()
    }
  }

  return server
}

async function run(
  session: ChdbSession,
  asked: FrontRequest,
  response: ServerResponse,
  gone: AbortSignal,
): Promise<void> {
  const format = formatClause.exec(asked.sql)?.[1] ?? asked.format
  response.setHeader('X-ClickHouse-Format', format)
  if (!reading.test(asked.sql) || !streamed.has(format)) {
    const result = await session.queryAsync(asked.sql, { format })
    response.end(result.bytes())
    return
  }
  const stream = session.queryStream(asked.sql, { format })
  try {
    // The status line is sent with the first chunk: an error before it still is an HTTP error.
    for await (const chunk of stream) {
      if (gone.aborted) return
      if (!response.write(chunk.raw())) await Promise.race([once(response, 'drain'), once(gone, 'abort')])
    }
    response.end()
  } finally {
    stream.cancel()
  }
}

async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limit) throw new FrontError(307, 'TOO_MANY_BYTES', `The body exceeds ${limit} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** ClickHouse's way to fail: its code in a header, its text in the body; in the middle of an answer, a cut connection. */
function fail(response: ServerResponse, thrown: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  const text =
    thrown instanceof FrontError
      ? `Code: ${thrown.code}. DB::Exception: ${message}. (${thrown.type})`
      : message
  const code = /^Code: (\d{1,5})\./.exec(text)?.[1] ?? '1002'
  const statuses: Readonly<Record<string, number>> = {
    '516': 403,
    '60': 404,
    '62': 400,
    '36': 400,
    '307': 413,
    '202': 503,
  }
  response.statusCode = statuses[code] ?? 500
  response.setHeader('X-ClickHouse-Exception-Code', code)
  if (code === '307') response.setHeader('Connection', 'close')
  response.end(/^Code: /.test(text) ? text : `Code: 1002. DB::Exception: ${text}. (UNKNOWN_EXCEPTION)`)
}

const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 200)

/** Lets a bounded number in at once and makes a bounded number wait, first come first served. */
class Turns {
  readonly #waiting: (() => void)[] = []
  readonly #most: number
  #free: number

  constructor(concurrency: number, waiting: number) {
    this.#free = concurrency
    this.#most = waiting
  }

  /** Resolves with what gives the turn back. One who left while waiting gives it on at once. */
  async take(gone: AbortSignal): Promise<() => void> {
    if (this.#free > 0) this.#free -= 1
    else {
      if (this.#waiting.length >= this.#most) {
        throw new FrontError(202, 'TOO_MANY_SIMULTANEOUS_QUERIES', 'Too many simultaneous queries')
      }
      await new Promise<void>(resolve => this.#waiting.push(resolve))
    }
    const release = (): void => {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free += 1
      else next()
    }
    if (!gone.aborted) return release
    release()
    throw new FrontError(394, 'QUERY_WAS_CANCELLED', 'The client left')
  }
}
