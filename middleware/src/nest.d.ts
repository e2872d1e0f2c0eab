import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Options, Running } from './types.js'

export type * from './types.js'

export interface NestMiddlewareLike {
  use(request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void): void
}

/** `app.use(sallyport({ … }))` in `main.ts`: before everything that Nest does. On Fastify's platform register that integration instead. */
export function sallyport(options?: Options): NestMiddlewareLike['use'] & Running

/** A class for `consumer.apply(…).forRoutes(…)`, where only some routes are to be protected. */
export function sallyportMiddleware(options?: Options): (new () => NestMiddlewareLike) & Running
