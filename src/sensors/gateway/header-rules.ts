import { type HeaderLines, noLines, readHeaderLines } from './header-lines.ts'
import { mayTrail, vouching } from './header-name.ts'
import type { HeaderPair } from './header-pair.ts'
import type { RequestHead } from './request-head.ts'
import type { ResponseHead } from './response-head.ts'

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
export function believed(head: RequestHead, trusted: boolean): readonly HeaderPair[] {
  if (trusted || !head.vouched) return head.headers
  return head.headers.filter((_, index) => head.names[index]!.plain !== vouching)
}

/** The head's headers as they go to the upstream: name, value, name, value … */
export function onwardHeaders(head: RequestHead, rules: OnwardRules): string[] {
  const onward: string[] = []
  const { headers, names, connection } = head
  let te = false
  for (let index = 0; index < headers.length; index += 1) {
    const name = names[index]!
    const value = headers[index]![1]
    if (name.special) {
      if (name.lower === 'host') {
        onward.push('Host', rules.host ?? value)
        continue
      }
      if (name.lower === 'te' && value.toLowerCase().includes('trailers')) te = true
      if (name.lower === 'expect' && !rules.expect) continue
    }
    if (name.hop || name.own || (name.spoofable && !rules.trusted)) continue
    if (connection?.has(name.lower) === true && !name.protected) continue
    onward.push(name.spelling, value)
  }
  if (head.host === '' && rules.host !== undefined) onward.push('Host', rules.host)
  if (head.framing.kind === 'chunked') onward.push('Transfer-Encoding', 'chunked')
  if (te) onward.push('Connection', 'TE', 'TE', 'trailers')
  for (const text of rules.forwarding) onward.push(text)
  if (rules.via !== undefined) onward.push('Via', `${head.httpVersion} ${rules.via}`)
  return onward
}

/**
 * A response's headers as they go to the client, less those of the upstream connection: name, value, name, value …
 *
 * @param trailers whether the framing towards the client can carry trailers
 */
export function returnHeaders(
  head: ResponseHead,
  options: { readonly via: string | undefined; readonly trailers: boolean; readonly date: string },
): string[] {
  const back: string[] = []
  const { headers, names } = head
  const named = namedByConnection(head)
  let dated = false
  for (let index = 0; index < headers.length; index += 1) {
    const name = names[index]!
    if (name.hop) continue
    if (named?.has(name.lower) === true && !name.protected) continue
    if (name.special) {
      // Announced only where the framing towards the client can carry them.
      if (name.lower === 'trailer' && !options.trailers) continue
      // RFC 9110 §8.6: no length in a 204.
      if (name.lower === 'content-length' && head.status === 204) continue
      if (name.lower === 'date') dated = true
    }
    back.push(name.spelling, headers[index]![1])
  }
  // RFC 9110 §6.6.1: whoever has a clock appends what is missing.
  if (!dated) back.push('Date', options.date)
  if (options.via !== undefined) back.push('Via', `1.1 ${options.via}`)
  return back
}

function namedByConnection({ headers, names }: ResponseHead): Set<string> | undefined {
  let named: Set<string> | undefined
  for (let index = 0; index < headers.length; index += 1) {
    if (!names[index]!.special || names[index]!.lower !== 'connection') continue
    const lower = headers[index]![1].toLowerCase()
    if (lower === 'keep-alive' || lower === 'close') continue
    named ??= new Set()
    for (const option of lower.split(',')) named.add(option.trim())
  }
  return named
}

/** The trailers that may go on, as name, value …; undefined where the section is malformed. */
export function readTrailers(section: string, maxCount: number): string[] | undefined {
  if (section === '') return []
  const lines: HeaderLines = noLines()
  if (readHeaderLines(`${section}\r\n`, 0, maxCount, lines) !== undefined) return undefined
  const kept: string[] = []
  for (const [index, name] of lines.names.entries()) {
    // What delimits the message cannot come behind it: some would read the message again by it.
    if (name.plain === 'transfer-encoding' || name.plain === 'content-length') return undefined
    if (mayTrail(name)) kept.push(name.spelling, lines.pairs[index]![1])
  }
  return kept
}
