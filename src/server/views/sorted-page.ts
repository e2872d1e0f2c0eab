import { SallyportError } from '../../kit/error.ts'
import type { PageView } from '../api/page.ts'

type Key = readonly (string | number)[]

/**
 * A page of a list held in memory, sorted by `keyOf` (numbers descending, strings ascending). The cursor is the key of
 * the last item given, so items that come or go between pages neither repeat nor hide others.
 * @throws SallyportError `usage/invalid-argument` for a cursor that is none of ours.
 */
export function sortedPage<Item>(
  items: Iterable<Item>,
  keyOf: (item: Item) => Key,
  query: { readonly limit: number; readonly cursor?: string | undefined },
): PageView<Item> {
  const keyed = Array.from(items, item => ({ item, key: keyOf(item) }))
  const after = query.cursor === undefined ? undefined : parseKey(query.cursor, keyed[0]?.key)
  const rest = after === undefined ? keyed : keyed.filter(({ key }) => compare(key, after) > 0)
  rest.sort((a, b) => compare(a.key, b.key))
  const page = rest.slice(0, query.limit)
  const last = page.at(-1)
  return {
    items: page.map(({ item }) => item),
    ...(last === undefined || page.length === rest.length ? {} : { cursor: formatKey(last.key) }),
  }
}

function compare(a: Key, b: Key): number {
  for (const [index, left] of a.entries()) {
    const right = b[index]
    if (left === right || right === undefined) continue
    if (typeof left === 'number' && typeof right === 'number') return right - left
    return String(left) < String(right) ? -1 : 1
  }
  return 0
}

const formatKey = (key: Key): string => Buffer.from(JSON.stringify(key)).toString('base64url')

function parseKey(cursor: string, shape: Key | undefined): Key {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (
      Array.isArray(value) &&
      value.every(part => typeof part === 'string' || typeof part === 'number') &&
      (shape === undefined ||
        (shape.length === value.length && shape.every((part, index) => typeof part === typeof value[index])))
    ) {
      return value
    }
  } catch {
    // Falls to the refusal below: what is not JSON is not a cursor either.
  }
  throw new SallyportError('usage/invalid-argument', 'The cursor is not one that a page gave.', {
    where: 'cursor',
    mend: 'Leave it out to begin with the first page.',
  })
}
