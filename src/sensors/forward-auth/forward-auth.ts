import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import { createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net'
import type { Clock } from '../../kit/clock.ts'
import type { CounterSet } from '../../kit/counters.ts'
import { SallyportError } from '../../kit/error.ts'
import { problemContentType, problemFrom } from '../../kit/problem.ts'
import type { RunningDecisionPoint } from '../decision-point.ts'
import { plainAddress, TrustedProxies } from '../gateway/client-address.ts'
import { ExchangeIds } from '../gateway/exchange-id.ts'
import { type Guard, refuses } from '../guard.ts'
import { listen } from '../listen.ts'
import { isAllowed } from '../otlp/sender.ts'
import type { SensorHealth } from '../sensor-health.ts'
import { SourceWatch } from '../source-watch.ts'
import { AskedRequest } from './asked-request.ts'
import { type AuthAnswer, passAnswer, refusalOf } from './auth-answer.ts'
import { DecisionApi } from './decision-api.ts'
import { type Dialect, dialects } from './dialect.ts'
import { defaultForwardAuthOptions, type ForwardAuthOptions } from './forward-auth-options.ts'
import { bringsBody, readBody } from './message-body.ts'
import { isNotTold, originalRequest } from './original-request.ts'
import { SpoeAgent } from './spoe/spoe-agent.ts'

const maxHeaderBytes = 65_536
const authPath = '/auth/'
/** How long the rest of an unreadable request is read past. */
const lingerMs = 1_000

/**
 * Where proxies ask whether a request may pass (nginx `auth_request`, Caddy `forward_auth`, Traefik `forwardAuth` over HTTP, HAProxy over
 * SPOP), and where applications ask the same as JSON. One port: what begins with a zero byte is SPOP. Every request gets an answer: a proxy
 * that opens when nobody answers must not be opened by what its client sends.
 */
export class ForwardAuth implements RunningDecisionPoint {
  readonly #guard: Guard
  readonly #clock: Clock
  readonly #counters: CounterSet
  readonly #options: ForwardAuthOptions
  readonly #proxies: TrustedProxies
  readonly #http: Server
  readonly #tcp: TcpServer
  readonly #sockets = new Set<Socket>()
  readonly #ids = new ExchangeIds()
  readonly #api: DecisionApi
  readonly #spoe: SpoeAgent
  readonly #watch = new SourceWatch()
  address = ''
  #calls = 0
  #rejected = 0
  #dropped = 0
  #newest: number | undefined
  #state: SensorHealth['state'] = 'starting'

  private constructor(options: ForwardAuthOptions, guard: Guard, clock: Clock, counters: CounterSet) {
    this.#options = options
    this.#guard = guard
    this.#clock = clock
    this.#counters = counters
    this.#proxies = new TrustedProxies(options.trustedProxies)
    this.#api = new DecisionApi(guard, counters, options)
    this.#spoe = new SpoeAgent(guard, clock, counters, options, time => this.#heard('haproxy', time))
    const { idleMs } = options
    this.#http = createServer(
      {
        requestTimeout: idleMs,
        headersTimeout: idleMs,
        connectionsCheckingInterval: Math.max(50, Math.min(5_000, idleMs >> 2)),
        // Longer than proxies keep connections by default: they end them, so that none sends on one that is being ended.
        keepAliveTimeout: 120_000,
        maxHeaderSize: maxHeaderBytes,
      },
      (request, response) => this.#serve(request, response),
    )
    // The bytes are bounded; a bound on the number would leave out the last, which are the proxy's.
    this.#http.maxHeadersCount = 0
    this.#http.on('clientError', (error, socket) => this.#unreadable(error, socket as Socket))
    // Without a listener for `upgrade` the question about a request for one is a question as any other.
    this.#http.on('connect', (_, socket) => this.#unreadable(undefined, socket as Socket))
    this.#tcp = createTcpServer(socket => this.#connected(socket))
    this.#tcp.maxConnections = options.maxConnections
    this.#tcp.on('drop', () => {
      this.#dropped += 1
    })
  }

  /** @throws SallyportError `listen/in-use`, `config/invalid` */
  static async start(
    given: Partial<ForwardAuthOptions>,
    guard: Guard,
    clock: Clock,
    counters: CounterSet,
  ): Promise<ForwardAuth> {
    const options = { ...defaultForwardAuthOptions, ...given }
    const point = new ForwardAuth(options, guard, clock, counters)
    const { host, port } = options
    point.address = (await listen(point.#tcp, 'Forward authentication', { host, port })).address
    // It is handed its connections: without this it would not look after their time-outs.
    point.#http.emit('listening')
    point.#state = 'running'
    return point
  }

  health(now: number): SensorHealth {
    this.#api.sweep(now)
    this.#spoe.sweep(now)
    const details = [
      this.#options.token === undefined ? 'The decision API is off: no token is set.' : undefined,
      this.#rejected === 0 ? undefined : `${this.#rejected} questions could not be answered.`,
      this.#dropped === 0 ? undefined : `${this.#dropped} connections came beyond the bound.`,
    ].filter(text => text !== undefined)
    return {
      id: 'forward-auth',
      kind: 'Forward authentication and decision API',
      state: this.#state,
      events: this.#calls,
      dropped: this.#dropped,
      rejected: this.#rejected,
      ...(this.#newest === undefined ? {} : { lastEventAt: this.#newest }),
      ...(details.length === 0 ? {} : { detail: details.join(' ') }),
      address: this.address,
      perSecond: this.#watch.perSecond(now),
      sources: this.#watch.sources(now),
      sees: 'head',
    }
  }

  async close(drainMs: number): Promise<void> {
    this.#state = 'stopped'
    const closed = new Promise<void>(resolve => this.#tcp.close(() => resolve()))
    this.#http.closeIdleConnections()
    this.#http.keepAliveTimeout = 1
    const cut = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy()
    }, drainMs)
    this.#http.close()
    await closed
    clearTimeout(cut)
    this.#spoe.close()
  }

  /** Reads the first byte of a connection: which protocol is it? */
  #connected(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', () => {})
    socket.setNoDelay(true)
    socket.setTimeout(this.#options.idleMs, () => socket.destroy())
    socket.once('data', (first: Buffer) => {
      socket.pause()
      socket.setTimeout(0)
      if (first[0] === 0) {
        if (this.#trusts(socket)) this.#spoe.serve(socket)
        else socket.destroy()
      } else this.#http.emit('connection', socket)
      socket.unshift(first)
      process.nextTick(() => socket.resume())
    })
  }

  #trusts(socket: Socket): boolean {
    const trusted = this.#proxies.trusts(plainAddress(socket.remoteAddress ?? ''))
    if (!trusted) this.#rejected += 1
    return trusted
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    request.on('error', () => {})
    const url = request.url ?? '/'
    const at = url.indexOf('?')
    const path = at < 0 ? url : url.slice(0, at)
    try {
      const dialect = path.startsWith(authPath) ? dialects.get(path.slice(authPath.length)) : undefined
      if (dialect !== undefined) this.#ask(request, response, dialect)
      else if (path.startsWith('/v1/')) void this.#answerApi(request, response, path)
      else
        throw new SallyportError('resource/not-found', 'There is nothing at this path.', {
          where: path.slice(0, 100),
          mend: `Ask at ${[...dialects.keys()].map(id => authPath + id).join(', ')} or /v1/decide.`,
        })
    } catch (thrown) {
      this.#fault(request, response, thrown)
    }
  }

  // ---- proxies

  #ask(request: IncomingMessage, response: ServerResponse, dialect: Dialect): void {
    const peer = plainAddress(request.socket.remoteAddress ?? '')
    if (!this.#proxies.trusts(peer))
      throw new SallyportError('auth/forbidden', 'This address is no trusted proxy.', {
        where: peer,
        mend: 'Add it to decisionPoints.forwardAuth.trustedProxies where it is.',
      })
    const now = this.#clock.now()
    const hasBody = bringsBody(request)
    const asked = {
      id: this.#ids.next(now),
      time: now,
      peer,
      httpVersion: request.httpVersion,
      rawHeaders: request.rawHeaders,
      hasBody,
    }
    const original = originalRequest(asked, dialect, this.#proxies)
    if (isNotTold(original)) throw new SallyportError('request/malformed', original.fault, original)
    const decided = new AskedRequest(this.#guard, original, this.#counters)
    if (hasBody) {
      void this.#askWithBody(request, response, dialect, decided)
      return
    }
    const size = Number(original.headers.find(([name]) => name === 'content-length')?.[1] ?? 0)
    if (size > 0) decided.keepBody({ bytes: noBytes, size, truncated: true })
    if (decided.wantsBody) {
      decided.undone('request-body')
      decided.decideBody({ bytes: noBytes, size, truncated: size > 0 })
    }
    this.#settle(response, dialect, decided)
  }

  async #askWithBody(
    request: IncomingMessage,
    response: ServerResponse,
    dialect: Dialect,
    decided: AskedRequest,
  ): Promise<void> {
    const { bodyBytes, maxMessageBytes } = this.#options
    const read = await readBody(request, bodyBytes, maxMessageBytes)
    if (read === undefined) return
    const body = read.window.take(undefined, !read.whole)
    if (decided.wantsBody) decided.decideBody(body)
    else decided.keepBody(body)
    this.#settle(response, dialect, decided)
  }

  #settle(response: ServerResponse, dialect: Dialect, decided: AskedRequest): void {
    const settling = decided.settle()
    if (settling === undefined) this.#answer(response, dialect, decided)
    else void settling.then(() => this.#answer(response, dialect, decided))
  }

  #answer(response: ServerResponse, dialect: Dialect, decided: AskedRequest): void {
    const { verdict, needs } = decided
    const refused = refuses(verdict)
    if (!refused && (needs.response || needs.responseBody)) decided.undone('response')
    if (verdict.action === 'amend' && verdict.body !== undefined) decided.undone('request-body')
    const answer = refused
      ? refusalOf(verdict, dialect)
      : passAnswer(verdict.action === 'amend' ? verdict : undefined)
    write(response, answer)
    this.#heard(dialect.id, decided.request.time)
    const { observe } = this.#options
    if (observe === 'all' || (observe === 'refused' && refused)) this.#guard.observe(decided.record())
  }

  // ---- the decision API

  async #answerApi(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    try {
      this.#admitApi(request)
      const { maxMessageBytes } = this.#options
      const most = path === '/v1/observe' ? 8 * maxMessageBytes : maxMessageBytes
      const read = await readBody(request, most, most)
      if (read === undefined) return
      if (!read.whole)
        throw new SallyportError('input/too-large', `The message is longer than ${most} bytes.`, {
          where: path,
          mend: 'Send less of the bodies, or fewer calls at a time.',
        })
      const text = Buffer.from(read.window.take().bytes).toString('utf8')
      const told = this.#told(path, request, text)
      const value = told instanceof Promise ? await told : told
      write(response, jsonAnswer(path === '/v1/observe' ? 202 : 200, value))
    } catch (thrown) {
      this.#fault(request, response, thrown)
    }
  }

  #told(path: string, request: IncomingMessage, text: string): object | Promise<object> {
    const now = this.#clock.now()
    switch (path) {
      case '/v1/decide': {
        const answer = this.#api.decide(parsed(text), now)
        this.#heard('decision API', now)
        return answer
      }
      case '/v1/decide/body':
        return this.#api.decideBody(parsed(text), now)
      case '/v1/decide/response':
        return this.#api.decideResponse(parsed(text), now)
    }
    const lines = (request.headers['content-type'] ?? '').startsWith('application/x-ndjson')
    const values = lines
      ? text.split('\n').flatMap(line => (line.trim() === '' ? [] : [parsedOr(line)]))
      : parsed(text)
    const answer = this.#api.observe(Array.isArray(values) ? values : [values], now)
    this.#calls += answer.accepted
    this.#rejected += answer.rejected
    if (answer.accepted > 0) this.#newest = now
    return answer
  }

  #admitApi(request: IncomingMessage): void {
    const { token } = this.#options
    const path = request.url?.split('?', 1)[0] ?? ''
    if (!apiPaths.has(path))
      throw new SallyportError('resource/not-found', 'There is nothing at this path.', {
        where: path.slice(0, 100),
        mend: `The decision API has ${[...apiPaths].join(', ')}.`,
      })
    if (token === undefined)
      throw new SallyportError('auth/forbidden', 'The decision API is off: no token is set.', {
        where: 'decisionPoints.forwardAuth.token',
        mend: 'Set a token of at least 16 characters.',
      })
    const { authorization } = request.headers
    if (authorization === undefined)
      throw new SallyportError('auth/missing', 'The decision API asks for a bearer token.', {
        where: 'authorization',
        mend: 'Send Authorization: Bearer with the token: the configured one, or that of the file decision-token in the data folder.',
      })
    if (!isAllowed(authorization, token))
      throw new SallyportError('auth/invalid', 'This token is not the one of the decision API.', {
        where: 'authorization',
        mend: 'Send decisionPoints.forwardAuth.token where that is set, else what stands in the file decision-token of the data folder.',
      })
    if (request.method !== 'POST')
      throw new SallyportError('request/malformed', 'Questions are posted.', {
        where: path,
        mend: 'Use POST.',
      })
  }

  // ---- both

  #heard(from: string, time: number): void {
    this.#calls += 1
    this.#newest = time
    this.#watch.heard(from, time, time)
  }

  #fault(request: IncomingMessage, response: ServerResponse, thrown: unknown): void {
    this.#rejected += 1
    const error = SallyportError.from(thrown)
    if (response.headersSent) {
      response.destroy()
      return
    }
    const answer = jsonAnswer(error.status, problemFrom(error), problemContentType)
    // A body that is not wanted ends the connection behind the answer.
    write(response, {
      ...answer,
      headers: request.complete ? answer.headers : [...answer.headers, 'connection', 'close'],
    })
  }

  /** What is no HTTP request gets an answer as well: a proxy would take silence for absence. */
  #unreadable(error: Error | undefined, socket: Socket): void {
    // The rest of what it sent is faulty too.
    if (socket.writableEnded) return
    this.#rejected += 1
    if (!socket.writable) {
      socket.destroy()
      return
    }
    const code = (error as NodeJS.ErrnoException | undefined)?.code
    const status = unreadable[code ?? ''] ?? 400
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
    // Closing with bytes unread would reset the connection, and take the answer with it.
    socket.resume()
    socket.setTimeout(lingerMs, () => socket.destroy())
  }
}

const unreadable: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
}

const noBytes = new Uint8Array(0)

const apiPaths: ReadonlySet<string> = new Set([
  '/v1/decide',
  '/v1/decide/body',
  '/v1/decide/response',
  '/v1/observe',
])

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new SallyportError('request/malformed', 'The message is not JSON.', {
      where: 'body',
      mend: 'Send one JSON object; of several calls an array, or a line each as application/x-ndjson.',
    })
  }
}

/** A line that is none becomes a rejection of its own. */
const parsedOr = (line: string): unknown => {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function jsonAnswer(status: number, value: object, type = 'application/json'): AuthAnswer {
  const body = Buffer.from(JSON.stringify(value))
  return {
    status,
    headers: ['content-type', type, 'cache-control', 'no-store', 'content-length', String(body.length)],
    body,
  }
}

function write(response: ServerResponse, { status, headers, body }: AuthAnswer): void {
  response.sendDate = false
  response.writeHead(status, [...headers])
  response.end(body)
}
