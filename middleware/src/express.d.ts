import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Options, Running } from './types.js'

export type * from './types.js'

/** `app.use(sallyport({ … }))`, before body parsers or after them. The client's address is `req.ip`: see Express' `trust proxy`. */
export function sallyport(
  options?: Options,
): ((request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void) & Running
