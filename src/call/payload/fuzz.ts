import type { PatternRule, PayloadGrammar, PayloadHit } from './grammar.ts'
import { firstMatch } from './grammar.ts'

const kind = 'fuzz'

/** Values that are known for what they break. */
const rules: readonly PatternRule[] = [
  ['format-string', 0.85, /(?:%(?:\d{1,4}\$)?[-+0-9.]{0,6}[nsxp]){4,16}|%\d{1,4}\$[nsx]|%n%n/],
  [
    'broken-number',
    0.9,
    /2\.2250738585072011e-308|^(?:-2147483649|4294967296|-?9223372036854775808|18446744073709551616|0xffffffff|-?1e309)$/,
  ],
]

const shortestMix = 12
const mixedSigns = 6

/** Punctuation alone, of many sorts: rulers and emoticons have one or two. */
function isMix(lower: string): boolean {
  if (!/^["'`<>()[\]{};,.:/\\|&%$#@!^*+=?~_-]+$/.test(lower)) return false
  return new Set(lower).size >= mixedSigns
}

/** Repetitions of one letter or digit from which a value is no word of any language and no number. */
const run = 200
/** The share of the value that they must be: pictures in base64 have runs too. */
const share = 0.5

/** The longest run of one letter or digit. */
function longestRun(lower: string): number {
  let best = 0
  let length = 1
  for (let index = 1; index <= lower.length; index += 1) {
    if (index < lower.length && lower.charCodeAt(index) === lower.charCodeAt(index - 1)) {
      length += 1
      continue
    }
    const code = lower.charCodeAt(index - 1)
    if (length > best && ((code >= 97 && code <= 122) || (code >= 48 && code <= 57))) best = length
    length = 1
  }
  return best
}

function inspect(_value: string, lower: string): PayloadHit | undefined {
  const hit = firstMatch(kind, rules, lower)
  if (hit !== undefined) return hit
  if (lower.length >= shortestMix && lower.length <= 64 && isMix(lower))
    return { kind, rule: 'punctuation', confidence: 0.7 }
  if (lower.length < run) return undefined
  const longest = longestRun(lower)
  return longest >= run && longest >= lower.length * share
    ? { kind, rule: 'repetition', confidence: 0.6 }
    : undefined
}

export const fuzzing: PayloadGrammar = {
  kind,
  longFrom: run,
  triggers: [
    '%n',
    '%s',
    '%x',
    '$n',
    '$s',
    '$x',
    'e-308',
    '4294967296',
    '2147483649',
    '9223372036854775808',
    '18446744073709551616',
    '0xffffffff',
    '1e309',
    '\'"',
    '"\'',
    '()',
    '<>',
    '[]',
    '{}',
    ';;',
    '!@#',
    '***',
    '---',
    '...',
    '===',
  ],
  inspect,
  examples: {
    hits: [
      '%n%n%n%n',
      '%s%s%s%s%s',
      '%1$n',
      '2.2250738585072011e-308',
      'A'.repeat(512),
      `/${'a'.repeat(300)}`,
    ],
    misses: [
      '100%',
      '%s items',
      '4294967297',
      'nooooooooo',
      'aaa',
      '-----------',
      '=============',
      '...',
      '0000000000000000',
    ],
  },
}
