import 'reflect-metadata'
import { once } from 'node:events'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { serve } from '@hono/node-server'
import { Controller, Get, type MiddlewareConsumer, Module, Post, Req, Res } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import { sallyport as forExpress } from '../../middleware/src/express.js'
import { sallyport as forFastify } from '../../middleware/src/fastify.js'
import { sallyport as forHono } from '../../middleware/src/hono.js'
import { sallyport as forKoa } from '../../middleware/src/koa.js'
import { sallyport as forNest, sallyportMiddleware } from '../../middleware/src/nest.js'
import { protect } from '../../middleware/src/node.js'
import type { Options, Running } from '../../middleware/src/types.d.ts'

/** The same small application in six frameworks, each with its own way of answering. */

export interface Application {
  readonly url: string
  readonly running: Running
  /** Of what reached the application: method and target. */
  readonly reached: string[]
  close(): Promise<void>
}

export type Start = (options: Options) => Promise<Application>

interface Answer {
  readonly status?: number
  readonly type: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string | Buffer | Readable
}

export const largeBytes = 300_000

async function* events(): AsyncGenerator<string> {
  for (let count = 1; count <= 3; count += 1) {
    yield `data: ${count}\n\n`
    await new Promise(resolve => setImmediate(resolve))
  }
}

/** An event stream that ends only when its reader has gone: who waits for its end waits for ever. */
async function* endless(): AsyncGenerator<string> {
  yield 'data: first\n\n'
  await new Promise(() => {})
}

/** What it is that a slow answer waits for between its halves. */
export const gate = { opens: Promise.resolve() }

async function* slow(): AsyncGenerator<string> {
  yield 'first half, '
  await gate.opens
  yield 'second half'
}

async function* large(): AsyncGenerator<Buffer> {
  for (let left = largeBytes; left > 0; left -= 10_000) yield Buffer.alloc(10_000, 'x')
}

/** What the application answers, whatever carries it. */
function answerOf(method: string, url: string, headers: { risk: string | undefined }, body: unknown): Answer {
  const { pathname, searchParams } = new URL(url, 'http://shop.example')
  const said = searchParams.get('say') ?? ''
  switch (`${method} ${pathname}`) {
    case 'GET /free':
    case 'HEAD /free':
      return { type: 'text/plain', body: 'free' }
    case 'GET /tagged':
      return { type: 'text/plain', body: headers.risk ?? 'none' }
    case 'POST /orders':
    case 'POST /posted':
    case 'POST /rewritten':
      return { type: 'application/json', body: JSON.stringify({ got: body }) }
    case 'GET /answered':
    case 'GET /masked':
      return { type: 'application/json', headers: { etag: '"1"' }, body: JSON.stringify({ said }) }
    case 'GET /gzip':
      return {
        type: 'application/json',
        headers: { 'content-encoding': 'gzip' },
        body: gzipSync(JSON.stringify({ said: 'compressed' })),
      }
    case 'GET /status':
      return { status: 500, type: 'text/plain', headers: { 'set-cookie': 'a=b' }, body: 'a stack trace' }
    case 'GET /events':
    case 'GET /held-events':
      return { type: 'text/event-stream', body: Readable.from(events()) }
    case 'GET /endless':
      return { type: 'text/event-stream', body: Readable.from(endless()) }
    case 'GET /held-slow':
      return { type: 'application/octet-stream', body: Readable.from(slow()) }
    case 'GET /broken':
      return { status: 200, type: 'text/plain', headers: { 'x-broken': 'a\u0000b' }, body: 'never' }
    case 'GET /large':
    case 'GET /held-large':
      return { type: 'application/octet-stream', body: Readable.from(large()) }
  }
  return { status: 404, type: 'text/plain', body: 'nothing here' }
}

const riskOf = (headers: IncomingMessage['headers']) => ({ risk: headers['x-risk']?.toString() })

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function ended(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

async function overNode(
  running: Running,
  listener: RequestListener,
  reached: string[],
): Promise<Application> {
  const server = createServer(listener)
  return { url: await listening(server), running, reached, close: () => ended(server) }
}

const node: Start = async options => {
  const reached: string[] = []
  const listener = protect((request, response) => {
    reached.push(`${request.method} ${request.url}`)
    const pieces: Buffer[] = []
    request.on('data', chunk => pieces.push(chunk))
    request.on('end', () => {
      const text = Buffer.concat(pieces).toString()
      const answer = answerOf(
        request.method ?? '',
        request.url ?? '',
        riskOf(request.headers),
        text === '' ? undefined : JSON.parse(text),
      )
      response.writeHead(answer.status ?? 200, { 'content-type': answer.type, ...answer.headers })
      if (answer.body instanceof Readable) answer.body.pipe(response)
      else response.end(answer.body)
    })
  }, options)
  return overNode(listener, listener, reached)
}

function expressLike(reached: string[]) {
  return (request: IncomingMessage & { body?: unknown }, response: ServerResponse, url: string): void => {
    reached.push(`${request.method} ${url}`)
    const answer = answerOf(request.method ?? '', url, riskOf(request.headers), request.body)
    response.statusCode = answer.status ?? 200
    response.setHeader('content-type', answer.type)
    for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value)
    if (answer.body instanceof Readable) answer.body.pipe(response)
    else response.end(answer.body)
  }
}

const onExpress: Start = async options => {
  const reached: string[] = []
  const middleware = forExpress(options)
  const app = express()
  app.use(middleware)
  app.use(express.json() as Parameters<typeof app.use>[0])
  app.use((request, response) => {
    const asked = request as IncomingMessage & { body?: unknown; originalUrl: string }
    const made = answerOf(asked.method ?? '', asked.originalUrl, riskOf(asked.headers), asked.body)
    if (made.body instanceof Readable || Buffer.isBuffer(made.body) || made.type === 'text/plain') {
      expressLike(reached)(asked, response, asked.originalUrl)
      return
    }
    // The framework's own way, with its ETag and its Content-Length.
    reached.push(`${asked.method} ${asked.originalUrl}`)
    const own = response as ServerResponse & { json(value: unknown): void }
    own.json(JSON.parse(made.body))
  })
  return overNode(middleware, app, reached)
}

const onExpressParsed: Start = async options => {
  const reached: string[] = []
  const middleware = forExpress(options)
  const app = express()
  app.use(express.json() as Parameters<typeof app.use>[0])
  app.use(middleware)
  app.use((request, response) => {
    const asked = request as IncomingMessage & { originalUrl: string }
    expressLike(reached)(asked, response, asked.originalUrl)
  })
  return overNode(middleware, app, reached)
}

const onKoa: Start = async options => {
  const reached: string[] = []
  const middleware = forKoa(options)
  const app = new Koa()
  app.on('error', () => {})
  app.use(middleware)
  app.use(async context => {
    reached.push(`${context.method} ${context.originalUrl}`)
    const pieces: Buffer[] = []
    for await (const chunk of context.req) pieces.push(chunk as Buffer)
    const text = Buffer.concat(pieces).toString()
    const answer = answerOf(
      context.method,
      context.originalUrl,
      riskOf(context.req.headers),
      text === '' ? undefined : JSON.parse(text),
    )
    context.status = answer.status ?? 200
    for (const [name, value] of Object.entries(answer.headers ?? {})) context.set(name, value)
    context.body = answer.body
    context.type = answer.type
  })
  return overNode(middleware, app.callback(), reached)
}

const onFastify: Start = async options => {
  const reached: string[] = []
  const plugin = forFastify(options)
  const app = fastify({ forceCloseConnections: true })
  await app.register(plugin as Parameters<typeof app.register>[0])
  app.all('/*', (request, reply) => {
    reached.push(`${request.method} ${request.url}`)
    const answer = answerOf(request.method, request.url, riskOf(request.headers), request.body)
    return reply
      .code(answer.status ?? 200)
      .type(answer.type)
      .headers(answer.headers ?? {})
      .send(answer.body)
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return { url, running: plugin, reached, close: () => app.close() }
}

const onHono: Start = async options => {
  const reached: string[] = []
  const middleware = forHono(options)
  const app = new Hono()
  app.use(middleware as unknown as Parameters<typeof app.use>[0])
  app.all('*', async context => {
    const { method, url } = context.req
    reached.push(`${method} ${url.slice(url.indexOf('/', 8))}`)
    const body = method === 'POST' ? await context.req.json() : undefined
    const answer = answerOf(method, url, { risk: context.req.header('x-risk') }, body)
    const { status = 200, headers } = answer
    const content =
      answer.body instanceof Readable
        ? (Readable.toWeb(answer.body.map(piece => Buffer.from(piece))) as ReadableStream<Uint8Array>)
        : typeof answer.body === 'string'
          ? answer.body
          : new Uint8Array(answer.body)
    return new Response(content, { status, headers: { 'content-type': answer.type, ...headers } })
  })
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }) as Server
  if (!server.listening) await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    running: middleware,
    reached,
    close: () => ended(server),
  }
}

/** Before everything, or as a class that a module applies to routes. */
const onNest =
  (asClass: boolean): Start =>
  async options => {
    const reached: string[] = []
    const middleware = asClass ? undefined : forNest(options)
    const applied = asClass ? sallyportMiddleware(options) : undefined
    class Orders {
      all(
        request: IncomingMessage & { body?: unknown; originalUrl: string },
        response: ServerResponse,
      ): void {
        expressLike(reached)(request, response, request.originalUrl)
      }
      posted(
        request: IncomingMessage & { body?: unknown; originalUrl: string },
        response: ServerResponse,
      ): void {
        this.all(request, response)
      }
    }
    // Decorators by hand: erasable syntax has none.
    Controller()(Orders)
    for (const [name, decorate] of [
      ['all', Get('*path')],
      ['posted', Post('*path')],
    ] as const) {
      Req()(Orders.prototype, name, 0)
      Res()(Orders.prototype, name, 1)
      decorate(Orders.prototype, name, Object.getOwnPropertyDescriptor(Orders.prototype, name)!)
    }
    class Shop {
      configure(consumer: MiddlewareConsumer): void {
        if (applied !== undefined) consumer.apply(applied).forRoutes('*path')
      }
    }
    Module({ controllers: [Orders] })(Shop)
    const app = await NestFactory.create(Shop, { logger: false })
    if (middleware !== undefined) app.use(middleware)
    await app.listen(0, '127.0.0.1')
    const server = app.getHttpServer() as Server
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      running: (middleware ?? applied)!,
      reached,
      close: async () => {
        server.closeAllConnections()
        await app.close()
      },
    }
  }

export const applications: Readonly<Record<string, Start>> = {
  'node:http': node,
  Express: onExpress,
  'Express, behind its body parser': onExpressParsed,
  Koa: onKoa,
  Fastify: onFastify,
  Hono: onHono,
  Nest: onNest(false),
  'Nest, behind its body parser, as a class': onNest(true),
}
