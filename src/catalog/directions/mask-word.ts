import { kindOf, type SegmentKind } from '../templates/segment-kind.ts'

/** Kinds of words that name a person or open a door. */
const masked: ReadonlySet<SegmentKind> = new Set([
  'email',
  'jwt',
  'token',
  'prefixed-id',
  'phone',
  'ip',
  'hex',
  'object-id',
])

/** A word of a path as it may be shown: of addresses of people, tokens and long hashes only the first two and the last two characters. */
export function maskWord(word: string): string {
  const bare = word.replace(/^[@~]/, '')
  const lead = word.slice(0, word.length - bare.length)
  if (!masked.has(kindOf(bare)) && !bare.includes('@')) return word
  return bare.length <= 4 ? `${lead}****` : `${lead}${bare.slice(0, 2)}…${bare.slice(-2)}`
}
