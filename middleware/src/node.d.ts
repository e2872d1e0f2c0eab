import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Options, Running } from './types.js'

export type * from './types.js'

/** A middleware of the `(request, response, next)` kind: Connect, Polka, Restify … */
export function sallyport(
  options?: Options,
): ((request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void) & Running

/** A listener for `http.createServer` before another one. */
export function protect(listener: RequestListener, options?: Options): RequestListener & Running
