import type { Stream } from './stream.ts'

/** Forms by name; `‹name›` in a form stands for one of the forms of that name. */
export type Rules = Readonly<Record<string, readonly string[]>>

const own: Readonly<Record<string, (stream: Stream) => string>> = {
  n: stream => String(stream.int(1, stream.pick([9, 99, 9_999]))),
  hex: stream => stream.hex(stream.int(4, 12)),
  name: stream => stream.token(stream.int(3, 9), 'abcdefghijklmnopqrstuvwxyz'),
  word: stream => stream.token(stream.int(5, 14)),
  /** Of the networks for documentation (RFC 5737). */
  ip: stream => `${stream.pick(['203.0.113', '198.51.100', '192.0.2'])}.${stream.int(1, 254)}`,
}

/**
 * A sentence of a context-free grammar, from `start` down. Names of its own: `n` a number, `hex`, `name` lower case letters, `word`, `ip`.
 * @throws RangeError for rules that lead into themselves more than thirty deep.
 */
export function sentence(stream: Stream, rules: Rules, name = 'start', depth = 0): string {
  if (depth > 30) throw new RangeError(`The rules of ${name} do not end.`)
  const forms = rules[name]
  if (forms === undefined) return own[name]?.(stream) ?? ''
  return stream
    .pick(forms)
    .replaceAll(/‹(\w+)›/g, (_, next: string) => sentence(stream, rules, next, depth + 1))
}

/** Letters in any case, for languages that do not care. */
export const anyCase = (stream: Stream, text: string): string =>
  [...text].map(letter => (stream.chance(0.5) ? letter.toUpperCase() : letter.toLowerCase())).join('')
