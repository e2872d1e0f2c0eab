import type { ApiCall } from '../call/api-call.ts'
import type { Json } from '../call/content.ts'

/** Lower case, without separators. */
const sizes = new Set([
  'limit',
  'pagesize',
  'perpage',
  'size',
  'take',
  'first',
  'last',
  'top',
  '$top',
  'max',
  'maxresults',
  'maxitems',
  'rows',
  'count',
  'itemsperpage',
  'resultsperpage',
])
const places = new Set([
  'page',
  'pageno',
  'pagenumber',
  'offset',
  'skip',
  '$skip',
  'start',
  'startat',
  'from',
])
const cursors = new Set([
  'cursor',
  'after',
  'before',
  'pagetoken',
  'nexttoken',
  'nextpagetoken',
  'continuationtoken',
  'marker',
  'startingafter',
  'scrollid',
  '$skiptoken',
])

/** What a call asks for of a list. */
export interface Paging {
  /** Records asked for in one answer. */
  readonly size?: number
  /** Page number or offset. */
  readonly place?: number
  /** An opaque place. */
  readonly cursor?: string
}

const folded = (name: string): string => name.toLowerCase().replace(/[-_.[\]]/g, '')

/** Whether a parameter says which page of a list is wanted, and not which list. */
export function isPagingName(name: string): boolean {
  const key = folded(name)
  return sizes.has(key) || places.has(key) || cursors.has(key)
}

/** Reads the paging parameters of the query, of the top of a JSON body, and of a GraphQL operation's `variables`. */
export function pagingOf(call: ApiCall): Paging {
  let size: number | undefined
  let place: number | undefined
  let cursor: string | undefined
  const note = (name: string, value: string): void => {
    const key = folded(name)
    if (cursors.has(key)) {
      if (value !== '' && value.length <= 4_096) cursor ??= value
      return
    }
    if (!/^\d{1,9}$/.test(value)) return
    if (sizes.has(key)) size ??= Number(value)
    else if (places.has(key)) place ??= Number(value)
  }
  for (const [name, value] of call.request.query) note(name, value)
  const { content } = call.request
  if (content.kind === 'json') {
    eachScalar(content.value, note)
    if (content.value !== null && typeof content.value === 'object' && !Array.isArray(content.value))
      eachScalar((content.value as { readonly [key: string]: Json }).variables ?? null, note)
  }
  return {
    ...(size === undefined ? {} : { size }),
    ...(place === undefined ? {} : { place }),
    ...(cursor === undefined ? {} : { cursor }),
  }
}

function eachScalar(value: Json, visit: (name: string, value: string) => void): void {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return
  let looked = 0
  for (const key in value as { readonly [key: string]: Json }) {
    looked += 1
    if (looked > 64) return
    const inner = (value as { readonly [key: string]: Json })[key]
    if (typeof inner === 'string' || typeof inner === 'number') visit(key, String(inner))
  }
}
