import type { Json } from '../content.ts'

/** Prefixes that servers put before JSON so that it does not run as a script. */
const guards = [")]}',", ")]}'", 'while(1);', 'for(;;);']

const longNumber = 16
const isDigit = (code: number): boolean => code >= 48 && code <= 57

/** A run of 16 digits or more: only then can a number be too long for a double. One character in 16 lies within every such run. */
function holdsLongNumber(text: string): boolean {
  for (let index = longNumber - 1; index < text.length; index += longNumber) {
    if (!isDigit(text.charCodeAt(index))) continue
    let start = index
    while (start > 0 && isDigit(text.charCodeAt(start - 1))) start -= 1
    let end = index + 1
    while (end < text.length && end - start < longNumber && isDigit(text.charCodeAt(end))) end += 1
    if (end - start >= longNumber) return true
  }
  return false
}

const exact = (_key: string, value: unknown, context: { source?: string }): unknown =>
  typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d{16,}$/.test(context.source ?? '')
    ? context.source
    : value

type Reviver = (this: unknown, key: string, value: unknown) => unknown

/**
 * JSON text as its value; undefined where it is none. Integers that a double cannot hold stay strings, so that two ids which differ in
 * the last digit stay two.
 */
export function parseJson(text: string): Json | undefined {
  let source = text
  if (source.charCodeAt(0) === 41 || source.charCodeAt(0) === 119 || source.charCodeAt(0) === 102) {
    const guard = guards.find(prefix => source.startsWith(prefix))
    if (guard !== undefined) source = source.slice(guard.length)
  }
  try {
    return JSON.parse(source, holdsLongNumber(source) ? (exact as Reviver) : undefined) as Json
  } catch {
    return undefined
  }
}

/** JSON values by line (NDJSON, JSON Lines, RFC 7464 sequences); undefined where a line is none. At most `limit` values. */
export function parseJsonLines(text: string, limit: number): readonly Json[] | undefined {
  const values: Json[] = []
  let from = 0
  while (from < text.length && values.length < limit) {
    let end = text.indexOf('\n', from)
    if (end < 0) end = text.length
    const line = text.slice(text.charCodeAt(from) === 0x1e ? from + 1 : from, end).trim()
    from = end + 1
    if (line === '') continue
    const value = parseJson(line)
    if (value === undefined) return undefined
    values.push(value)
  }
  return values
}

/** Does it begin like an object or a list? */
export function looksLikeJson(text: string): boolean {
  for (let index = 0; index < text.length && index < 64; index += 1) {
    const code = text.charCodeAt(index)
    if (code <= 32) continue
    return code === 123 || code === 91
  }
  return false
}
