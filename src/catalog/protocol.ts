import { type ApiCall, headerOf } from '../call/api-call.ts'

/** The protocol a call speaks, from its content type, path and the outer form of its body. */
export function protocolOf(call: ApiCall): string {
  const { request, response } = call
  const type = headerOf(request.headers, 'content-type') ?? ''
  if (type.startsWith('application/grpc')) return 'grpc'
  if (headerOf(request.headers, 'upgrade')?.toLowerCase() === 'websocket' || response?.status === 101)
    return 'websocket'
  const answer = response === undefined ? undefined : headerOf(response.headers, 'content-type')
  if (answer?.startsWith('text/event-stream') === true) return 'sse'
  if (
    request.content.kind === 'json' &&
    request.content.value !== null &&
    typeof request.content.value === 'object'
  ) {
    const body = request.content.value
    const first = Array.isArray(body) ? body[0] : body
    if (first !== null && typeof first === 'object' && !Array.isArray(first)) {
      const object = first as { readonly [key: string]: unknown }
      if (object.jsonrpc === '2.0') return 'json-rpc'
      if (
        typeof object.query === 'string' &&
        /^\s*(?:query|mutation|subscription|fragment|\{)/.test(object.query)
      )
        return 'graphql'
    }
  }
  if (type.startsWith('application/graphql')) return 'graphql'
  return 'rest'
}
