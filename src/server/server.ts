import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { SallyportError } from '../kit/error.ts'
import { problemContentType, problemFrom } from '../kit/problem.ts'
import { type Actor, mayActAs } from './auth/actor.ts'
import { Authenticator } from './auth/authenticator.ts'
import { AllowedHosts, checkSameOrigin } from './auth/origin.ts'
import type { Backend } from './backend.ts'
import { serveConsole } from './console-files.ts'
import { LiveFeed, type LiveFeedOptions } from './live/live-feed.ts'
import { openapiOf } from './openapi.ts'
import { checked, errorFrom, replyProblem } from './problem-reply.ts'
import { changes, fullPath, type Route, type RouteContext, type Services } from './route.ts'
import { routes } from './routes/index.ts'
import { securityHeaders } from './security-headers.ts'

export interface ApiServerOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  readonly backend: Backend
  /** Directory of the built console. */
  readonly consoleDirectory?: string
  /** Names besides localhost, 127.0.0.1, [::1] and `host` under which the server may be called. */
  readonly allowedHosts?: readonly string[]
  readonly live?: Partial<LiveFeedOptions>
  /** Told of defects, with their cause; never of what was refused. */
  readonly log?: (line: string) => void
}

export interface Listening {
  readonly host: string
  readonly port: number
  readonly url: string
}

const largestBody = 1_048_576

/** The REST API, the live feed, the metrics and the console on one listener. */
export class ApiServer {
  readonly #options: ApiServerOptions
  readonly #authenticator: Authenticator
  readonly #hosts: AllowedHosts
  readonly #live: LiveFeed
  readonly #services: Services
  readonly #counts = { requests: 0, refused: 0, defects: 0 }
  #app: Promise<FastifyInstance> | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: ApiServerOptions) {
    const { backend } = options
    this.#options = options
    this.#authenticator = new Authenticator(backend.state, backend.clock)
    this.#hosts = new AllowedHosts([options.host, ...(options.allowedHosts ?? [])])
    this.#live = new LiveFeed(backend, options.live)
    const document = openapiOf(routes, backend.version)
    this.#services = {
      backend,
      authenticator: this.#authenticator,
      live: this.#live,
      counters: () => this.#counters(),
      openapi: () => document,
    }
  }

  /** The application without a socket, for tests and embedding. */
  app(): Promise<FastifyInstance> {
    this.#app ??= this.#build()
    return this.#app
  }

  /** Rejects with `listen/in-use` when the port is taken. */
  async listen(): Promise<Listening> {
    const { host, port } = this.#options
    const app = await this.app()
    try {
      await app.listen({ host, port })
    } catch (cause) {
      const { code } = cause as { readonly code?: unknown }
      throw new SallyportError(
        'listen/in-use',
        code === 'EADDRINUSE' ? 'The port is taken already.' : 'The address cannot be listened on.',
        {
          where: `${host}:${port}`,
          mend: 'Stop what listens there, or choose another with server.port (0 takes a free one).',
          cause,
        },
      )
    }
    this.#timer = setInterval(() => {
      this.#live.tick().catch(thrown => this.#defect(SallyportError.from(thrown)))
    }, LiveFeed.tickMs)
    this.#timer.unref()
    const address = app.server.address()
    const bound = typeof address === 'object' && address !== null ? address.port : port
    const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host
    return { host, port: bound, url: `http://${shown}:${bound}` }
  }

  /** Ends live feeds and open connections too. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#live.close()
    if (this.#app !== undefined) await (await this.#app).close()
  }

  /** A code that signs one browser in as admin, once, within five minutes. */
  issueSignInCode(): string {
    return this.#authenticator.codes.issue()
  }

  async #build(): Promise<FastifyInstance> {
    await this.#authenticator.sessions.load()
    const app = fastify({
      logger: false,
      bodyLimit: largestBody,
      forceCloseConnections: true,
      requestTimeout: 30_000,
      routerOptions: { maxParamLength: 4_096 },
      frameworkErrors: (error, _request, reply) => replyProblem(reply, errorFrom(error)),
      clientErrorHandler: (_error, socket) => {
        if (socket.writable) socket.end(malformedReply)
        else socket.destroy()
      },
    })
    app.removeAllContentTypeParsers()
    const parseJson = app.getDefaultJsonParser('error', 'error')
    app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
      // A DELETE with the header and no body is no error.
      if (body === '') done(null, undefined)
      else parseJson(request, body as string, done)
    })
    app.addHook('onRequest', async (request, reply) => {
      this.#counts.requests += 1
      reply.headers(securityHeaders)
      this.#hosts.check(request.headers.host)
    })
    app.setErrorHandler((thrown, _request, reply) => {
      const error = errorFrom(thrown)
      if (error.status === 401 || error.status === 403 || error.status === 429) this.#counts.refused += 1
      if (error.code === 'internal/defect') this.#defect(error)
      return replyProblem(reply, error)
    })
    await serveConsole(app, this.#options.consoleDirectory)
    for (const route of routes) this.#register(app, route)
    return app
  }

  #register(app: FastifyInstance, route: Route): void {
    app.route({
      method: route.method,
      ...(route.largestBody === undefined ? {} : { bodyLimit: route.largestBody }),
      url: fullPath(route).replaceAll(/\{([a-zA-Z]+)\}/g, ':$1'),
      exposeHeadRoute: route.method === 'GET' && !('mediaType' in route.response),
      // Before the body is read: a stranger does not get to send one.
      onRequest: async request => {
        if (route.role !== 'public') this.#actors.set(request, await this.#authorise(request, route))
        else if (changes(route)) checkSameOrigin(request.headers, false)
      },
      handler: async (request, reply) => {
        const answer = await route.handler(this.#context(route, request, reply) as never)
        if (reply.sent || reply.raw.headersSent) return reply
        reply.header('cache-control', 'no-store')
        reply.status(route.status ?? 200)
        if (route.status === 204) return reply.send()
        if ('mediaType' in route.response) return reply.send(answer)
        return reply.header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(answer))
      },
    })
  }

  readonly #actors = new WeakMap<FastifyRequest, Actor>()

  async #authorise(request: FastifyRequest, route: Route): Promise<Actor> {
    const actor = await this.#authenticator.authenticate({
      authorization: request.headers.authorization,
      cookie: request.headers.cookie,
    })
    if (actor.session !== undefined && request.method !== 'GET' && request.method !== 'HEAD') {
      checkSameOrigin(request.headers, true)
    }
    if (route.role !== 'public' && !mayActAs(actor.role, route.role)) {
      throw new SallyportError(
        'auth/forbidden',
        `That needs the role ${route.role}; this one is ${actor.role}.`,
        {
          mend: 'Ask someone who holds the role, or for a token with it.',
        },
      )
    }
    return actor
  }

  #context(
    route: Route,
    request: FastifyRequest,
    reply: FastifyReply,
  ): RouteContext<unknown, unknown, unknown> {
    const { backend } = this.#services
    const actor = this.#actors.get(request) ?? nobody
    const now = backend.clock.now()
    return {
      ...this.#services,
      actor,
      query: route.query === undefined ? {} : checked(route.query, { ...(request.query as object) }, 'query'),
      params:
        route.params === undefined ? {} : checked(route.params, { ...(request.params as object) }, 'path'),
      body: route.body === undefined ? undefined : checked(route.body, request.body ?? {}, 'body'),
      now,
      request,
      reply,
      audit: async (target, detail = {}, by = actor.name) => {
        if (route.audit === undefined) throw new TypeError(`${route.path} has no audit action`)
        await backend.state.audit({ time: now, actor: by, action: route.audit, target, detail })
      },
    }
  }

  #counters(): Readonly<Record<string, number>> {
    return {
      sallyport_api_requests_total: this.#counts.requests,
      sallyport_api_refused_total: this.#counts.refused,
      sallyport_api_defects_total: this.#counts.defects,
      ...this.#live.counters(),
    }
  }

  #defect(error: SallyportError): void {
    this.#counts.defects += 1
    const { cause } = error
    this.#options.log?.(`${error.message} ${cause instanceof Error ? (cause.stack ?? cause.message) : ''}`)
  }
}

/** Public routes have no caller; nothing reads this but them. */
const nobody: Actor = { name: 'anonymous', displayName: 'anonymous', role: 'viewer' }

const malformedBody = JSON.stringify(
  problemFrom(new SallyportError('request/malformed', 'The request is not HTTP that can be read.')),
)
const malformedReply = `HTTP/1.1 400 Bad Request\r\ncontent-type: ${problemContentType}\r\ncontent-length: ${malformedBody.length}\r\nconnection: close\r\n\r\n${malformedBody}`
