import type { Json } from '../call/content.ts'

/** What names a record, best first. */
const idNames = [
  'id',
  '_id',
  'uuid',
  'guid',
  'key',
  'slug',
  'number',
  'code',
  'ref',
  'sku',
  'username',
  'email',
  'name',
  'title',
]

/** Names under which a list wraps its records: FHIR's bundles, Relay's edges, JSON:API. */
const wrappers = ['resource', 'node', 'item', 'data', 'attributes']

/** What names a record of a list: its own id, or that of what it wraps; at most 128 characters. */
export function recordIdOf(record: Json, depth = 0): string | undefined {
  if (typeof record === 'string' || typeof record === 'number') return String(record).slice(0, 128)
  if (record === null || typeof record !== 'object' || Array.isArray(record)) return undefined
  const fields = record as { readonly [key: string]: Json }
  for (const name of idNames) {
    if (!Object.hasOwn(fields, name)) continue
    const value = fields[name]
    if (typeof value === 'string' || typeof value === 'number') return String(value).slice(0, 128)
  }
  // `orderId` of an order, `book_title` of a book.
  for (const name in fields) {
    const value = fields[name]
    if ((typeof value === 'string' || typeof value === 'number') && /(?:id|key|code|title|name)$/i.test(name))
      return String(value).slice(0, 128)
  }
  if (depth > 0) return undefined
  for (const name of wrappers)
    if (Object.hasOwn(fields, name)) return recordIdOf(fields[name] ?? null, depth + 1)
  return undefined
}
