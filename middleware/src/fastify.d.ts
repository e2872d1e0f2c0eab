import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Options, Running } from './types.js'

export type * from './types.js'

type Next = (error?: Error) => void

export interface FastifyRequestLike {
  readonly raw: IncomingMessage
  readonly ip: string
  readonly body: unknown
}

export interface FastifyReplyLike {
  readonly raw: ServerResponse
  hijack(): unknown
}

/** The parts of a Fastify instance that are used. */
export interface FastifyLike {
  addHook(
    name: 'onRequest',
    hook: (request: FastifyRequestLike, reply: FastifyReplyLike, next: Next) => void,
  ): unknown
  addHook(name: 'onClose', hook: (app: unknown, done: Next) => void): unknown
}

export type FastifyPlugin = (app: FastifyLike, options: unknown, done: Next) => void

/** `app.register(sallyport({ … }))`. The client's address is `request.ip`: see Fastify's `trustProxy`. */
export function sallyport(options?: Options): FastifyPlugin & Running
