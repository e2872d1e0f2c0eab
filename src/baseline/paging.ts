import type { ApiCall } from '../call/api-call.ts'
import type { Json } from '../call/content.ts'
import { memo, memoLast } from '../kit/memo.ts'

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

/** What a parameter of that name says, if anything. */
const meaningOf = memo((name): 'size' | 'place' | 'cursor' | undefined => {
  const key = name.toLowerCase().replace(/[-_.[\]]/g, '')
  if (cursors.has(key)) return 'cursor'
  return sizes.has(key) ? 'size' : places.has(key) ? 'place' : undefined
})

/** Whether a parameter says which page of a list is wanted, and not which list. */
export const isPagingName = (name: string): boolean => meaningOf(name) !== undefined

/** Reads the paging parameters of the query, of the top of a JSON body, and of a GraphQL operation's `variables`. */
export const pagingOf: (call: ApiCall) => Paging = memoLast(readPaging)

function readPaging(call: ApiCall): Paging {
  let size: number | undefined
  let place: number | undefined
  let cursor: string | undefined
  const note = (name: string, value: string): void => {
    const meaning = meaningOf(name)
    if (meaning === undefined) return
    if (meaning === 'cursor') {
      if (value !== '' && value.length <= 4_096) cursor ??= value
      return
    }
    if (!/^\d{1,9}$/.test(value)) return
    if (meaning === 'size') size ??= Number(value)
    else place ??= Number(value)
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
