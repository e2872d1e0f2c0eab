import type { HeaderPair } from './header-pair.ts'
import { type Refusal, refusal } from './refusal.ts'

/** A request head that two strict parsers read alike. */
export interface RequestHead {
  readonly method: string
  /** Origin form (or `*`): what is decided on, recorded and sent upstream are one and the same. */
  readonly target: string
  readonly httpVersion: string
  /** Names in lower case, in the order sent. */
  readonly headers: readonly HeaderPair[]
  /** As sent; empty where an HTTP/1.0 client sent none. */
  readonly host: string
  readonly framing: Framing
  readonly expectContinue: boolean
  /** Lower-case members of `Connection`; undefined where it names nothing but `keep-alive` and `close`. */
  readonly connection: ReadonlySet<string> | undefined
  /** Value of `Upgrade`, lower case, where `Connection` asks for it. */
  readonly upgrade: string | undefined
}

/** How a body is delimited: not there, by length, or chunked. */
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

/**
 * Reads what Node's parser let through, and refuses the rest of the ambiguous shapes of RFC 9112 (§3.2, §5.1, §6.3).
 *
 * @param rawHeaders name, value, name, value … as on the wire
 */
export function readRequestHead(
  method: string,
  target: string,
  httpVersion: string,
  rawHeaders: readonly string[],
  limits: HeadLimits,
): RequestHead | Refusal {
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return refusal('bad-version')
  if (rawHeaders.length > limits.maxHeaderCount * 2) return refusal('header-count')
  if (target.length > limits.maxTargetBytes) return refusal('target-size')
  const headers: HeaderPair[] = new Array(rawHeaders.length >> 1)
  let host: string | undefined
  let length: string | undefined
  let coding: string | undefined
  let expect: string | undefined
  let connection: string | undefined
  let upgrade: string | undefined
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!.toLowerCase()
    const value = rawHeaders[index + 1]!
    headers[index >> 1] = [name, value]
    switch (name) {
      case 'host':
        if (host !== undefined) return refusal('duplicate-host')
        host = value
        break
      case 'content-length':
        if (length !== undefined) return refusal('conflicting-length')
        length = value
        break
      case 'transfer-encoding':
        if (coding !== undefined) return refusal('transfer-coding')
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
  }
  const framing = readFraming(length, coding, httpVersion)
  if ('shape' in framing) return framing
  if (host === undefined && httpVersion !== '1.0') return refusal('missing-host')
  if (host !== undefined && !isHost(host)) return refusal('bad-host')
  const origin = originForm(method, target, host ?? '')
  if (typeof origin !== 'string') return origin
  const expectContinue = expect !== undefined && httpVersion !== '1.0'
  if (expectContinue && expect?.toLowerCase() !== '100-continue') return refusal('expectation')
  const options = connection === undefined ? undefined : connectionOptions(connection)
  const wantsUpgrade = upgrade !== undefined && options?.has('upgrade') === true
  return {
    method,
    target: origin,
    httpVersion,
    headers,
    host: host ?? '',
    framing,
    expectContinue,
    connection: options,
    upgrade: wantsUpgrade ? upgrade?.toLowerCase() : undefined,
  }
}

function readFraming(
  length: string | undefined,
  coding: string | undefined,
  httpVersion: string,
): Framing | Refusal {
  if (coding !== undefined) {
    if (length !== undefined) return refusal('length-and-chunked')
    // RFC 9112 §6.1: a transfer coding in HTTP/1.0 is faulty framing.
    return coding.toLowerCase() === 'chunked' && httpVersion === '1.1' ? chunked : refusal('transfer-coding')
  }
  if (length === undefined) return none
  const bytes = decimal(length)
  if (bytes === undefined) return refusal('conflicting-length')
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

function isHost(host: string): boolean {
  return host.length <= 300 && hostForm.test(host)
}

/** The origin form of a target, or why there is none. An absolute form must name the host that `Host` names. */
function originForm(method: string, target: string, host: string): string | Refusal {
  const first = target.charCodeAt(0)
  if (target.includes('#')) return refusal('bad-target')
  if (first === 47) return target
  if (target === '*') return method === 'OPTIONS' ? target : refusal('bad-target')
  const scheme = /^https?:\/\//i.exec(target)?.[0]
  if (scheme === undefined) return refusal('bad-target')
  const rest = target.slice(scheme.length)
  const end = rest.search(/[/?]/)
  const authority = end === -1 ? rest : rest.slice(0, end)
  if (authority.toLowerCase() !== host.toLowerCase()) return refusal('absolute-target-host')
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
