import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { BodyWindow } from '../gateway/body-window.ts'
import { isAllowed } from '../otlp/sender.ts'
import { type CheckAnswer, check } from './checked-request.ts'
import type { FilterContext } from './filter-context.ts'
import { HeadBuilder } from './header-map.ts'

/** Where the HTTP form of ext_authz is served: `path_prefix` of Envoy's `http_service`; the request's own path follows. */
export const checkPrefix = '/ext-authz'

const tokenHeader = 'x-sallyport-token'

/**
 * The HTTP form of ext_authz: a request with the method, path and headers of the one it asks about. 200 lets it pass; any other answer is
 * given to the caller as it is.
 */
export function httpCheckServer(context: FilterContext, onRefused: (sentence: string) => void): Server {
  const server = createServer(
    {
      maxHeaderSize: 131_072,
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      connectionsCheckingInterval: 5_000,
      requireHostHeader: false,
    },
    (message, reply) => answer(context, message, reply, onRefused),
  )
  // It is handed its connections and never listens: without this it would not look after slow ones.
  server.emit('listening')
  server.maxHeadersCount = 0
  server.keepAliveTimeout = 300_000
  server.on('clientError', (_error, socket) => {
    onRefused('A request is not HTTP/1.1.')
    socket.destroy()
  })
  return server
}

function answer(
  context: FilterContext,
  message: IncomingMessage,
  reply: ServerResponse,
  onRefused: (sentence: string) => void,
): void {
  const { token, windowBytes, maxMessageBytes } = context.options
  const target = message.url ?? ''
  const refuse = (status: number, sentence: string): void => {
    onRefused(sentence)
    reply.writeHead(status, { 'content-type': 'text/plain', connection: 'close' })
    reply.end(`${sentence}\n`)
    message.resume()
  }
  if (!target.startsWith(`${checkPrefix}/`)) {
    refuse(404, `Only ${checkPrefix}/… is served, and gRPC over HTTP/2.`)
    return
  }
  const given = message.headers[tokenHeader]
  if (!isAllowed(typeof given === 'string' ? `Bearer ${given}` : undefined, token)) {
    refuse(401, `The token in ${tokenHeader} is missing or wrong.`)
    return
  }
  const builder = new HeadBuilder()
  for (let index = 0; index + 1 < message.rawHeaders.length; index += 2) {
    const name = message.rawHeaders[index]!.toLowerCase()
    if (name === 'host') builder.add(':authority', message.rawHeaders[index + 1]!)
    else if (name !== tokenHeader && name !== 'connection') builder.add(name, message.rawHeaders[index + 1]!)
  }
  const head = { ...builder.head(), method: message.method ?? '', path: target.slice(checkPrefix.length) }
  const window = new BodyWindow(windowBytes)
  message.on('data', (chunk: Buffer) => {
    window.add(chunk)
    if (window.size > maxMessageBytes) message.destroy()
  })
  message.on('error', () => {})
  message.on('end', () => {
    const body = window.take()
    const cut = head.headers.some(([name, value]) => name === 'x-envoy-auth-partial-body' && value === 'true')
    const whole = { ...body, truncated: body.truncated || cut }
    check(context, 'http', head, {}, whole, outcome => tell(reply, outcome))
  })
}

function tell(reply: ServerResponse, outcome: CheckAnswer): void {
  if ('status' in outcome) {
    const { status, headers, body } = outcome
    reply.writeHead(status, [...headers.flat(), 'content-length', String(body.length)])
    reply.end(body)
    return
  }
  const headers = outcome.set.flat()
  if (outcome.remove.length > 0) headers.push('x-envoy-auth-headers-to-remove', outcome.remove.join(','))
  reply.writeHead(200, [...headers, 'content-length', '0'])
  reply.end()
}
