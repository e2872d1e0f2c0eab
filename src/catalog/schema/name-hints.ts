import { readMask } from '../../call/mask.ts'
import { dataClasses } from '../data-classes/index.ts'

/** Nats that a name which says so adds to a class. */
const hint = 2
/** Words that say "this is something of ours, not of a person": taken off every class the name does not hint at. */
const against = new Set([
  'id',
  'order',
  'tracking',
  'sku',
  'hash',
  'timestamp',
  'version',
  'time',
  'created',
  'updated',
  'count',
  'amount',
  'total',
  'serial',
  'barcode',
  'ean',
  'isbn',
  'etag',
  'checksum',
  'nonce',
  'transaction',
  'reference',
  'ts',
  'offset',
  'size',
])
const bounded = new Map<string, ReadonlyMap<string, number>>()
const maxNames = 10_000

/** Words of a field name: `cardNumber`, `card_number` and `card-number` are `card number`. */
export function wordsOf(name: string): string {
  return name
    .slice(0, 128)
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[^A-Za-z0-9]+/g, ' ')
    .trim()
    .toLowerCase()
}

/** Class id → nats for what the name says; under `*` what it says against all others. Pure: the map is only a cache. */
export function nameHints(name: string): ReadonlyMap<string, number> {
  const cached = bounded.get(name)
  if (cached !== undefined) return cached
  const words = ` ${wordsOf(name)} `
  const joined = words.replaceAll(' ', '')
  const hints = new Map<string, number>()
  for (const definition of dataClasses) {
    for (const wanted of definition.names) {
      if (words.includes(` ${wanted} `) || joined === wanted.replaceAll(' ', '')) {
        hints.set(definition.id, hint)
        break
      }
    }
  }
  if (hints.size === 0 && words.split(' ').some(word => against.has(word))) hints.set('*', -hint)
  if (bounded.size >= maxNames) bounded.clear()
  bounded.set(name, hints)
  return hints
}

const ids = new Set(dataClasses.map(definition => definition.id))

/** Names that capture gives to what it replaced, where they are not a class of their own. */
const masked: ReadonlyMap<string, string> = new Map([
  ['cvv', 'card-security-code'],
  ['card', 'payment-card'],
])

/** The class a redacted value belonged to: its own name where that is a class, else `secret`. */
export function classOfMask(text: string): string | undefined {
  const what = readMask(text)?.what
  if (what === undefined) return undefined
  return masked.get(what) ?? (ids.has(what) ? what : 'secret')
}
