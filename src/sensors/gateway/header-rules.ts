import type { HeaderPair } from './header-pair.ts'
import type { RequestHead } from './request-head.ts'

/** Headers that speak about one connection only (RFC 9110 §7.6.1), and those whose work the gateway does itself. */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
])

/**
 * Headers by which a client could pass itself off as somebody else, or a request as another one. They are written anew
 * (the first four) or dropped unless the peer is a trusted proxy.
 */
const forwarded = new Set(['forwarded', 'x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host'])
/** Who a proxy in front says the client is: of any other peer nobody has checked it. */
const vouching = 'x-forwarded-client-cert'
const spoofable = new Set([
  vouching,
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-originating-ip',
  'x-remote-ip',
  'x-remote-addr',
  'true-client-ip',
  'cf-connecting-ip',
  'fastly-client-ip',
  'x-forwarded-port',
  'x-forwarded-server',
  'x-forwarded-prefix',
  'x-forwarded-scheme',
  'x-forwarded-ssl',
  'x-original-url',
  'x-original-host',
  'x-rewrite-url',
])

/** What `Connection` may not take away: without these the upstream would read another request than was decided on. */
const protectedNames = new Set(['host', 'content-length', 'content-type', 'authorization', 'cookie'])

const ownPrefix = 'x-sallyport-'

export interface OnwardRules {
  /** The peer is a trusted proxy: its word about the client goes on. */
  readonly trusted: boolean
  /** Replaces the client's `Host` when given. */
  readonly host: string | undefined
  readonly expect: boolean
  readonly via: string | undefined
  readonly forwarding: readonly string[]
}

/** The headers that may say who calls: without what only a trusted proxy can vouch for, unless it is one. */
export function believed(headers: readonly HeaderPair[], trusted: boolean): readonly HeaderPair[] {
  const vouches = ([name]: HeaderPair): boolean => name === vouching || name === vouching.replaceAll('-', '_')
  return trusted || !headers.some(vouches) ? headers : headers.filter(pair => !vouches(pair))
}

/** The head's headers as they go to the upstream: name, value, name, value … */
export function onwardHeaders(
  head: RequestHead,
  rawHeaders: readonly string[],
  rules: OnwardRules,
): string[] {
  const onward: string[] = []
  const { headers, connection } = head
  let te = false
  for (let index = 0; index < headers.length; index += 1) {
    const [name, value] = headers[index]!
    if (name === 'host' || name === 'content-length') {
      if (name === 'host') onward.push('Host', rules.host ?? value)
      else onward.push('Content-Length', value)
      continue
    }
    if (hopByHop.has(name)) {
      if (name === 'te' && value.toLowerCase().includes('trailers')) te = true
      continue
    }
    // Some servers read `_` in a name as `-`: both spellings are held to one rule.
    const plain = name.includes('_') ? name.replaceAll('_', '-') : name
    if (forwarded.has(plain) || plain.startsWith(ownPrefix)) continue
    if (spoofable.has(plain) && !rules.trusted) continue
    if (name === 'expect' && !rules.expect) continue
    if (connection?.has(name) === true && !protectedNames.has(name)) continue
    onward.push(rawHeaders[index * 2]!, value)
  }
  if (head.host === '' && rules.host !== undefined) onward.push('Host', rules.host)
  if (head.framing.kind === 'chunked') onward.push('Transfer-Encoding', 'chunked')
  if (te) onward.push('Connection', 'TE', 'TE', 'trailers')
  for (const text of rules.forwarding) onward.push(text)
  if (rules.via !== undefined) onward.push('Via', `${head.httpVersion} ${rules.via}`)
  return onward
}

/** A response's headers as they go to the client, less those of the upstream connection. */
export function returnHeaders(
  status: number,
  headers: readonly HeaderPair[],
  rawHeaders: readonly string[],
  options: { readonly via: string | undefined; readonly trailers: boolean },
): string[] {
  const back: string[] = []
  let named: Set<string> | undefined
  for (const [name, value] of headers) {
    if (name !== 'connection') continue
    const lower = value.toLowerCase()
    if (lower === 'keep-alive' || lower === 'close') continue
    named ??= new Set()
    for (const option of lower.split(',')) named.add(option.trim())
  }
  for (let index = 0; index < headers.length; index += 1) {
    const [name, value] = headers[index]!
    if (hopByHop.has(name)) continue
    if (named?.has(name) === true && !protectedNames.has(name)) continue
    // Announced only where the framing towards the client can carry them.
    if (name === 'trailer' && !options.trailers) continue
    // RFC 9110 §8.6: no length in a 204.
    if (name === 'content-length' && status === 204) continue
    back.push(rawHeaders[index * 2]!, value)
  }
  if (options.via !== undefined) back.push('Via', `1.1 ${options.via}`)
  return back
}

/** Fields that must not come as trailers (RFC 9110 §6.5.1): they would change how the message was read. */
const notAsTrailer = new Set([
  ...hopByHop,
  ...forwarded,
  'host',
  'content-length',
  'content-type',
  'content-encoding',
  'content-range',
  'trailer',
  'authorization',
  'cookie',
  'set-cookie',
  'cache-control',
  'expect',
  'max-forwards',
])

/** The trailers that may go on: name, value … in and out. */
export function passableTrailers(raw: readonly string[]): string[] {
  const kept: string[] = []
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index]!.toLowerCase().replaceAll('_', '-')
    if (notAsTrailer.has(name) || spoofable.has(name) || name.startsWith(ownPrefix)) continue
    kept.push(raw[index]!, raw[index + 1]!)
  }
  return kept
}
