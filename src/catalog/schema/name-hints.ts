import { readMask } from '../../call/mask.ts'
import { dataClassOf } from '../data-classes/index.ts'

/** Names that capture gives to what it replaced, where they are not a class of their own. */
const masked: ReadonlyMap<string, string> = new Map([
  ['cvv', 'card-security-code'],
  ['card', 'payment-card'],
])

/** The class a redacted value belonged to: its own name where that is a class, else `secret`. */
export function classOfMask(text: string): string | undefined {
  const what = readMask(text)?.what
  if (what === undefined) return undefined
  return masked.get(what) ?? (dataClassOf(what) === undefined ? 'secret' : what)
}

export { wordsOf } from '../data-classes/registry/class-registry.ts'
