import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Options, Running } from './types.js'

export type * from './types.js'

/** The parts of Koa's context that are used. */
export interface KoaContext {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly request: { body?: unknown; rawBody?: unknown }
  readonly originalUrl: string
  readonly ip: string
  respond?: boolean
}

/** `app.use(sallyport({ … }))`. The client's address is `ctx.ip`: see Koa's `app.proxy`. */
export function sallyport(
  options?: Options,
): ((context: KoaContext, next: () => Promise<unknown>) => Promise<void>) & Running
