import type { Options, Running } from './types.js'

export type * from './types.js'

/** The parts of Hono's context that are used. */
export interface HonoContext {
  readonly req: {
    raw: Request
    readonly bodyCache: { readonly arrayBuffer?: unknown; readonly text?: unknown; readonly json?: unknown }
  }
  // Hono types `env` for each application; only what @hono/node-server puts there is read.
  readonly env:
    | { readonly incoming?: { readonly socket?: { readonly remoteAddress?: string | undefined } } }
    | undefined
  get res(): Response
  set res(response: Response | undefined)
}

export interface HonoOptions extends Options {
  /** Address of the client, where the server is not @hono/node-server, or stands behind a proxy. */
  readonly clientAddress?: (request: Request) => string | undefined
}

/** `app.use(sallyport({ … }))`, before everything else. */
export function sallyport(
  options?: HonoOptions,
): ((context: HonoContext, next: () => Promise<void>) => Promise<Response | undefined>) & Running
