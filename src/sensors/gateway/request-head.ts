import { METHODS } from 'node:http'
import { type HeaderLines, noLines, readHeaderLines } from './header-lines.ts'
import { type HeaderName, vouching } from './header-name.ts'
import type { HeaderPair } from './header-pair.ts'
import { type Refusal, type RefusalShape, refusal } from './refusal.ts'

/** A request head that two strict parsers read alike. */
export interface RequestHead {
  readonly method: string
  /** Origin form (or `*`): what is decided on, recorded and sent upstream are one and the same. */
  readonly target: string
  /** `1.0`, `1.1` or `2.0`. */
  readonly httpVersion: string
  /** Names in lower case, in the order sent. */
  readonly headers: readonly HeaderPair[]
  /** What each of them is. */
  readonly names: readonly HeaderName[]
  /** As sent; empty where an HTTP/1.0 client sent none. */
  readonly host: string
  readonly framing: Framing
  readonly expectContinue: boolean
  /** Lower-case members of `Connection`; undefined where it names nothing but `keep-alive` and `close`. */
  readonly connection: ReadonlySet<string> | undefined
  /** The client wants to go on with this connection. */
  readonly keepAlive: boolean
  /** Value of `Upgrade`, lower case, where `Connection` asks for it. */
  readonly upgrade: string | undefined
  /** Some header says who a proxy in front takes the client for. */
  readonly vouched: boolean
}

/** How a body is delimited: not there, by length, chunked, or by the end of an HTTP/2 stream. */
export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' }

const none: Framing = { kind: 'none' }
const chunked: Framing = { kind: 'chunked' }

export interface HeadLimits {
  readonly maxHeaderCount: number
  readonly maxTargetBytes: number
}

/** A request that is not let in, and what it asked for where that can be told. */
export class RefusedHead {
  readonly refusal: Refusal
  readonly asked: Asked | undefined

  constructor(shape: RefusalShape, asked?: Asked) {
    this.refusal = refusal(shape)
    this.asked = asked
  }
}

export type Asked = Pick<RequestHead, 'method' | 'target' | 'httpVersion' | 'headers'>

/** Slices of a text hash slowly; these are the texts themselves. `SOURCE` is no method of HTTP. */
const methods = new Map(METHODS.filter(method => method !== 'SOURCE').map(method => [method, method]))

/**
 * Reads a request head, and refuses the ambiguous shapes of RFC 9112 (§2.2, §3.2, §5, §6.3).
 *
 * @param text latin-1, the CRLF of its last line included, without the closing empty line
 */
export function readRequestHead(text: string, limits: HeadLimits): RequestHead | RefusedHead {
  const blank = text.indexOf(' ')
  const method = methods.get(text.slice(0, blank))
  if (method === undefined) return new RefusedHead('bad-request')
  let end = blank + 1
  let fragment = false
  for (; end < text.length; end += 1) {
    const code = text.charCodeAt(end)
    if (code <= 32 || code >= 127) break
    if (code === 35) fragment = true
  }
  const target = text.slice(blank + 1, end)
  const httpVersion = text.startsWith(' HTTP/1.1\r\n', end)
    ? '1.1'
    : text.startsWith(' HTTP/1.0\r\n', end)
      ? '1.0'
      : undefined
  if (httpVersion === undefined) return new RefusedHead(lineFault(text.slice(end, end + 11)))
  if (target.length > limits.maxTargetBytes) return new RefusedHead('target-size')
  const lines = noLines()
  const fault = readHeaderLines(text, end + 11, limits.maxHeaderCount, lines)
  if (fault !== undefined)
    return new RefusedHead(fault === 'obs-fold' && lines.names.length === 0 ? 'bad-request' : fault)
  const asked = { method, target, httpVersion, headers: lines.pairs }
  const shape = fragment && method !== 'CONNECT' ? 'bad-target' : undefined
  if (method === 'CONNECT') return new RefusedHead('connect', asked)
  const head = shape ?? understand(asked, lines)
  // Blanks behind the coding, which RFC 9112 §5 has us drop, are read as part of it by some.
  if (typeof head !== 'string' && head.framing.kind === 'chunked' && !bareCoding.test(text))
    return new RefusedHead('transfer-coding', asked)
  return typeof head === 'string' ? new RefusedHead(head, asked) : head
}

const bareCoding = /\r\ntransfer-encoding:[ \t]*chunked\r\n/i

/** What is wrong with what stands behind the target in the request line. */
function lineFault(rest: string): RefusalShape {
  if (rest.startsWith('\r\n') || /^ HTTP\/\d\.\d\r\n/.test(rest)) return 'bad-version'
  const code = rest.charCodeAt(0)
  return code >= 127 || (code < 32 && code !== 13 && code !== 10) ? 'bad-target' : 'bad-request'
}

/** The head's meaning, or the shape it is refused for. */
function understand(asked: Asked, { names }: HeaderLines): RequestHead | RefusalShape {
  const { method, target, httpVersion, headers } = asked
  let host: string | undefined
  let length: string | undefined
  let coding: string | undefined
  let expect: string | undefined
  let connection: string | undefined
  let upgrade: string | undefined
  let vouched = false
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index]!
    if (!name.special) continue
    const value = headers[index]![1]
    switch (name.lower) {
      case 'host':
        if (host !== undefined) return 'duplicate-host'
        host = value
        break
      case 'content-length':
        if (length !== undefined) return 'conflicting-length'
        length = value
        break
      case 'transfer-encoding':
        if (coding !== undefined) return 'transfer-coding'
        coding = value
        break
      case 'expect':
        expect = expect === undefined ? value : `${expect},${value}`
        break
      case 'connection':
        connection = connection === undefined ? value : `${connection},${value}`
        break
      case 'upgrade':
        upgrade = upgrade === undefined ? value : `${upgrade},${value}`
        break
    }
    if (name.plain === vouching) vouched = true
  }
  const framing = readFraming(length, coding, httpVersion)
  if (typeof framing === 'string') return framing
  if (host === undefined && httpVersion !== '1.0') return 'missing-host'
  if (host !== undefined && !isHost(host)) return 'bad-host'
  const origin = originForm(method, target, host ?? '')
  if (origin === undefined) return 'bad-target'
  if (origin === otherHost) return 'absolute-target-host'
  const expectContinue = expect !== undefined && httpVersion !== '1.0'
  if (expectContinue && expect?.toLowerCase() !== '100-continue') return 'expectation'
  const options = connection === undefined ? undefined : connectionOptions(connection)
  const wantsUpgrade = upgrade !== undefined && options?.has('upgrade') === true
  if (wantsUpgrade && upgrade?.toLowerCase() === 'websocket' && framing.kind !== 'none')
    return 'upgrade-with-body'
  return {
    method,
    target: origin,
    httpVersion,
    headers,
    names,
    host: host ?? '',
    framing,
    expectContinue,
    connection: options,
    keepAlive: keepsAlive(httpVersion, connection, options),
    upgrade: wantsUpgrade ? upgrade?.toLowerCase() : undefined,
    vouched,
  }
}

function readFraming(
  length: string | undefined,
  coding: string | undefined,
  httpVersion: string,
): Framing | RefusalShape {
  if (coding !== undefined) {
    if (length !== undefined) return 'length-and-chunked'
    // RFC 9112 §6.1: a transfer coding in HTTP/1.0 is faulty framing.
    return coding.toLowerCase() === 'chunked' && httpVersion === '1.1' ? chunked : 'transfer-coding'
  }
  if (length === undefined) return none
  const bytes = decimal(length)
  if (bytes === undefined) return 'conflicting-length'
  return { kind: 'length', length: bytes }
}

/** A length as digits alone, at most 15 of them; undefined for signs, blanks, lists and anything larger. */
export function decimal(text: string): number | undefined {
  if (text.length === 0 || text.length > 15) return undefined
  let value = 0
  for (let index = 0; index < text.length; index += 1) {
    const digit = text.charCodeAt(index) - 48
    if (digit < 0 || digit > 9) return undefined
    value = value * 10 + digit
  }
  return value
}

const hostForm = /^(?:[A-Za-z0-9._~!$&'()*+,;=%-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?$/
/** The last host asked for is nearly always the next one. */
let lastHost = ''

function isHost(host: string): boolean {
  if (host === lastHost) return host !== ''
  if (host.length > 300 || !hostForm.test(host)) return false
  lastHost = host
  return true
}

const otherHost = Symbol('other host')

/** The origin form of a target; undefined where there is none. An absolute form must name the host that `Host` names. */
function originForm(method: string, target: string, host: string): string | typeof otherHost | undefined {
  if (target.charCodeAt(0) === 47) return target
  if (target === '*') return method === 'OPTIONS' ? target : undefined
  const scheme = /^https?:\/\//i.exec(target)?.[0]
  if (scheme === undefined) return undefined
  const rest = target.slice(scheme.length)
  const end = rest.search(/[/?]/)
  const authority = end === -1 ? rest : rest.slice(0, end)
  if (authority.toLowerCase() !== host.toLowerCase()) return otherHost
  const path = end === -1 ? '' : rest.slice(end)
  return path.startsWith('/') ? path : `/${path}`
}

function connectionOptions(value: string): ReadonlySet<string> | undefined {
  const lower = value.toLowerCase()
  if (lower === 'keep-alive' || lower === 'close') return undefined
  return new Set(
    lower
      .split(',')
      .map(option => option.trim())
      .filter(option => option !== ''),
  )
}

function keepsAlive(
  httpVersion: string,
  connection: string | undefined,
  options: ReadonlySet<string> | undefined,
): boolean {
  const has = (option: string): boolean =>
    options === undefined ? connection?.toLowerCase() === option : options.has(option)
  return httpVersion === '1.1' ? !has('close') : has('keep-alive') && !has('close')
}
