/** The parts of frameworks without types of their own that the tests use. */
declare module 'express' {
  import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'

  type Request = IncomingMessage & { readonly body?: unknown; readonly originalUrl: string }
  interface Response extends ServerResponse {
    status(code: number): this
    type(name: string): this
    json(value: unknown): this
    send(value: unknown): this
  }
  type Handler = (request: Request, response: Response, next: (error?: unknown) => void) => unknown
  interface Express extends RequestListener {
    use(
      handler: (
        request: IncomingMessage,
        response: ServerResponse,
        next: (error?: unknown) => void,
      ) => unknown,
    ): this
    get(path: string, handler: Handler): this
    post(path: string, handler: Handler): this
  }
  const express: {
    (): Express
    json(): Handler
  }
  export default express
}

declare module 'koa' {
  import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'

  interface Context {
    readonly req: IncomingMessage
    readonly res: ServerResponse
    readonly request: { body?: unknown; rawBody?: unknown }
    readonly originalUrl: string
    readonly path: string
    readonly method: string
    readonly ip: string
    respond?: boolean
    status: number
    type: string
    body: unknown
    get(name: string): string
    set(name: string, value: string): void
  }
  export default class Koa {
    use(middleware: (context: Context, next: () => Promise<void>) => unknown): this
    on(event: 'error', listener: (error: unknown) => void): this
    callback(): RequestListener
  }
}
