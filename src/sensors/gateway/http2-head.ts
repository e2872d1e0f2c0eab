import { type HeadLimits, RefusedHead, type RequestHead, readRequestHead } from './request-head.ts'

/**
 * Reads the fields of an HTTP/2 request as the request head that goes on to the upstream, by the very rules of an HTTP/1.1 head: what
 * would be ambiguous there is refused here (RFC 9113 §8, §10.3).
 *
 * @param raw name, value, name, value …, pseudo fields among them
 * @param ended no body follows
 */
export function readHttp2Head(
  raw: readonly string[],
  ended: boolean,
  limits: HeadLimits & { readonly maxHeaderBytes: number },
): RequestHead | RefusedHead {
  let method = ''
  let path = ''
  let authority: string | undefined
  let host: string | undefined
  let cookies: string | undefined
  let lines = ''
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index]!
    const value = raw[index + 1]!
    // Nothing of HTTP/1.1's lines can come from inside a field.
    if (!plain.test(name) || !plain.test(value)) return new RefusedHead('bad-header')
    if (name === ':method') method = value
    else if (name === ':path') path = value
    else if (name === ':authority') authority = value
    else if (name === ':scheme') continue
    else if (name.startsWith(':') || connectionBound.has(name)) return new RefusedHead('bad-header')
    else if (name === 'host') {
      if (host !== undefined) return new RefusedHead('duplicate-host')
      host = value
    } else if (name === 'cookie') cookies = cookies === undefined ? value : `${cookies}; ${value}`
    else lines += `${name}: ${value}\r\n`
  }
  if (authority !== undefined && host !== undefined && authority.toLowerCase() !== host.toLowerCase())
    return new RefusedHead('absolute-target-host')
  const named = authority ?? host
  if (named !== undefined) lines = `host: ${named}\r\n${lines}`
  if (cookies !== undefined) lines += `cookie: ${cookies}\r\n`
  // The target is the path alone: an absolute one has its host in `:authority`.
  if (method !== 'CONNECT' && path !== '*' && !path.startsWith('/')) return new RefusedHead('bad-target')
  const text = `${method} ${method === 'CONNECT' ? (named ?? '') : path} HTTP/1.1\r\n${lines}`
  if (text.length > limits.maxHeaderBytes) return new RefusedHead('header-size')
  const head = readRequestHead(text, limits)
  if (head instanceof RefusedHead) return head
  const { framing } = head
  return {
    ...head,
    httpVersion: '2',
    framing: ended ? { kind: 'none' } : framing.kind === 'none' ? { kind: 'chunked' } : framing,
  }
}

const plain = /^[\t\x20-\x7e\x80-\xff]*$/

/** Fields that HTTP/2 does not have (RFC 9113 §8.2.2); `te` may say `trailers`. */
const connectionBound = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
])
