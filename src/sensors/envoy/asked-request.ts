import type { Destination, Peer } from '../../call/api-call.ts'
import { memo } from '../../kit/memo.ts'
import { hopAddress } from '../gateway/client-address.ts'
import type { HeaderPair } from '../gateway/header-pair.ts'
import { verdictAnswer } from '../gateway/problem-answer.ts'
import type { GuardedRequest, RefusalVerdict } from '../guard.ts'
import { workloadOfPeer } from './entry-event.ts'
import type { EnvoyHead } from './header-map.ts'

/** What Envoy says of a request besides its head. */
export interface Connection {
  /** `address:port` or an address alone. */
  readonly source?: string | undefined
  readonly sourcePort?: number | undefined
  readonly destination?: string | undefined
  readonly destinationPort?: number | undefined
  /** `HTTP/1.1`, `HTTP/2` … */
  readonly protocol?: string | undefined
  /** SPIFFE name in the caller's certificate. */
  readonly peerName?: string | undefined
  readonly tls?: string | undefined
}

/** Names that only Sallyport may give: a client's own are taken out. */
const ownPrefix = 'x-sallyport-'

/** The request as the guard takes it. `host` stands among the headers, as in HTTP/1.1. */
export function guardedRequest(
  id: string,
  time: number,
  head: EnvoyHead,
  connection: Connection,
): GuardedRequest {
  const { authority } = head
  return {
    id,
    time,
    source: sourceOf(head, connection),
    destination: destinationOf(authority, connection),
    method: head.method,
    target: head.path === '' ? '/' : head.path,
    httpVersion: versionOf(connection.protocol),
    headers: authority === '' ? head.headers : [['host', authority], ...head.headers],
  }
}

/** As the guard is to see it: that a body follows is said in HTTP/2 by nothing but the body (RFC 9113 §8.1). */
export function sayBodyFollows(request: GuardedRequest): GuardedRequest {
  const said = request.headers.some(([name]) => name === 'content-length' || name === 'transfer-encoding')
  return said ? request : { ...request, headers: [...request.headers, ['transfer-encoding', 'chunked']] }
}

/** Names of the client's headers that could pass for ours, but for those that are `set`; some servers read `_` in a name as `-`. */
export function impersonating(headers: readonly HeaderPair[], set: readonly HeaderPair[] = []): string[] {
  const found: string[] = []
  for (const [name] of headers) {
    if (!name.startsWith('x') || !name.replaceAll('_', '-').startsWith(ownPrefix)) continue
    if (!set.some(([own]) => own === name)) found.push(name)
  }
  return found
}

/** Of several values of a name the first. */
export function headerValue(headers: readonly HeaderPair[], name: string): string | undefined {
  for (const [key, value] of headers) if (key === name) return value
  return undefined
}

/** Bytes that the head announces; undefined where it announces none. */
export function lengthOf(headers: readonly HeaderPair[]): number | undefined {
  const length = Number(headerValue(headers, 'content-length') ?? Number.NaN)
  return Number.isSafeInteger(length) && length >= 0 ? length : undefined
}

export interface RefusalAnswer {
  readonly status: number
  readonly headers: readonly HeaderPair[]
  readonly body: Buffer
}

/** What the caller is told, as the gateway tells it. */
export function refusalAnswer(verdict: RefusalVerdict): RefusalAnswer {
  const { status, headers: flat, body } = verdictAnswer(verdict)
  const headers: HeaderPair[] = []
  for (let index = 0; index + 1 < flat.length; index += 2) {
    const name = flat[index]!.toLowerCase()
    // Envoy counts the bytes itself.
    if (name !== 'content-length') headers.push([name, flat[index + 1]!])
  }
  return { status, headers, body }
}

/** Who is told to be the client: by Envoy, which looked at its forwarding headers; else by the last of these. */
function sourceOf(head: EnvoyHead, { source, sourcePort, peerName }: Connection): Peer {
  const workload = workloadOfPeer(peerName)
  const from = split(source ?? lastHop(head.headers), sourcePort)
  return { ...from, ...(workload === undefined ? {} : { workload }) }
}

function lastHop(headers: readonly HeaderPair[]): string | undefined {
  let last: string | undefined
  for (const [name, value] of headers) if (name === 'x-forwarded-for') last = value.split(',').at(-1)
  return last
}

function destinationOf(authority: string, { destination, destinationPort, tls }: Connection): Destination {
  const to = split(destination, destinationPort)
  const host = hostOf(authority)
  return { host: host || to.ip || 'unknown', ...to, ...(tls ? { tls } : {}) }
}

const hostOf = memo(authority => authority.toLowerCase().replace(/:(?:80|443)?$/, ''))
const addressIn = memo(hopAddress)

/** `192.0.2.1:80`, `[2001:db8::1]:80`, or an address alone. */
function split(text: string | undefined, port?: number): { readonly ip?: string; readonly port?: number } {
  const ip = text === undefined ? undefined : addressIn(text)
  if (ip === undefined) return {}
  const told = port ?? Number(/[\]\d]:(\d{1,5})$/.exec(text!)?.[1] ?? Number.NaN)
  const isAddressAlone = port === undefined && text === ip
  return Number.isInteger(told) && told > 0 && told < 65_536 && !isAddressAlone ? { ip, port: told } : { ip }
}

const versionOf = (protocol: string | undefined): string =>
  protocol?.startsWith('HTTP/') === true ? protocol.slice(5, 13) : '1.1'
