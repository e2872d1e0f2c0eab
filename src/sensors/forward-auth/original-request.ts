import type { TrustedProxies } from '../gateway/client-address.ts'
import type { HeaderPair } from '../gateway/header-pair.ts'
import type { GuardedRequest } from '../guard.ts'
import type { Dialect } from './dialect.ts'

/** One request of a proxy, as it came. */
export interface AuthRequest {
  readonly id: string
  readonly time: number
  /** Address of the proxy, which is trusted. */
  readonly peer: string
  readonly httpVersion: string
  /** name, value … as sent. */
  readonly rawHeaders: readonly string[]
  /** It carries a body itself, which is that of the original request. */
  readonly hasBody: boolean
}

/** What stands where a request cannot be told: the proxy is set up wrongly, or lets its clients speak for it. */
export interface NotTold {
  readonly fault: string
  readonly where: string
  readonly mend: string
}

export const isNotTold = (value: GuardedRequest | NotTold): value is NotTold => 'fault' in value

/** Length of the body where only the proxy has it. */
const lengthHeader = 'x-original-content-length'

/**
 * Headers that speak about the proxy's own request, not about the original one, or that only a proxy may say of a client. The client's
 * certificate is among the latter: a proxy that is asked passes on what its client wrote.
 */
const own = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'host',
  'content-length',
  lengthHeader,
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-method',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-forwarded-server',
  'x-forwarded-uri',
  'x-forwarded-client-cert',
  'x-original-host',
  'x-original-method',
  'x-original-uri',
  'x-real-ip',
])

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}$/
const host = /^(?:[A-Za-z0-9._~-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?$/
const length = /^[0-9]{1,15}$/

/** The request that a proxy asks about, or why there is none. Of the client only `X-Forwarded-For` tells: no proxy asked of sets `Forwarded`. */
export function originalRequest(
  asked: AuthRequest,
  dialect: Dialect,
  proxies: TrustedProxies,
): GuardedRequest | NotTold {
  const told = new Map<string, string>()
  const headers: HeaderPair[] = []
  const hops: string[] = []
  const { rawHeaders } = asked
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!.toLowerCase()
    const value = rawHeaders[index + 1]!
    // Some servers read `_` in a name as `-`: what may not be said in one spelling may not in the other.
    if (!own.has(name.includes('_') ? name.replaceAll('_', '-') : name)) {
      headers.push([name, value])
      continue
    }
    if (name === 'x-forwarded-for') hops.push(...value.split(','))
    else if (
      name === dialect.method ||
      name === dialect.uri ||
      name === dialect.host ||
      name === lengthHeader
    ) {
      if (told.has(name)) return notTold(dialect, name, 'is there twice')
      told.set(name, value)
    } else if (name === 'content-length' && asked.hasBody) headers.push([name, value])
  }
  const method = told.get(dialect.method)
  const target = told.get(dialect.uri)
  const original = told.get(dialect.host)
  if (method === undefined || !token.test(method)) return notTold(dialect, dialect.method, 'names no method')
  if (target === undefined || !isTarget(target)) return notTold(dialect, dialect.uri, 'names no path')
  if (original === undefined || !host.test(original)) return notTold(dialect, dialect.host, 'names no host')
  const size = told.get(lengthHeader)
  if (size !== undefined && length.test(size) && !asked.hasBody) headers.push(['content-length', size])
  headers.unshift(['host', original])
  const [client] = proxies.chain(asked.peer, hops)
  return {
    id: asked.id,
    time: asked.time,
    source: client === undefined ? {} : { ip: client },
    destination: { host: hostName(original) },
    method,
    target,
    httpVersion: asked.httpVersion,
    headers,
  }
}

/** Lower case, without a default port. */
export const hostName = (text: string): string => {
  const lower = text.toLowerCase()
  return lower.endsWith(':80') ? lower.slice(0, -3) : lower.endsWith(':443') ? lower.slice(0, -4) : lower
}

/** Origin form: no spaces, no control characters. */
export const isTarget = (text: string): boolean => {
  if (text !== '*' && !text.startsWith('/')) return false
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code <= 0x20 || code === 0x7f) return false
  }
  return true
}

const notTold = (dialect: Dialect, name: string, what: string): NotTold => ({
  fault: `The proxy did not tell the request: ${name} ${what}.`,
  where: name,
  mend: `Set ${name} in the proxy's configuration, in place of what its client sent (guide/forward-auth.md, ${dialect.id}).`,
})
