import type { ApiCall } from '../call/api-call.ts'
import type { Json } from '../call/content.ts'
import { memoLast } from '../kit/memo.ts'

const maxDepth = 4
const maxKeys = 64

/** The longest list within four levels of a body; undefined where there is none. */
export function longestList(value: Json, depth = 0): readonly Json[] | undefined {
  if (value === null || typeof value !== 'object') return undefined
  if (Array.isArray(value)) return value as readonly Json[]
  if (depth >= maxDepth) return undefined
  let longest: readonly Json[] | undefined
  let looked = 0
  for (const key in value as { readonly [key: string]: Json }) {
    looked += 1
    if (looked > maxKeys) break
    const inner = longestList((value as { readonly [key: string]: Json })[key] ?? null, depth + 1)
    if (inner !== undefined && (longest === undefined || inner.length > longest.length)) longest = inner
  }
  return longest
}

/** The longest list of the answer. */
const listIn = memoLast((call: ApiCall): readonly Json[] | undefined => {
  const content = call.response?.content
  return content?.kind === 'json' ? longestList(content.value) : undefined
})

/**
 * How many records an answer holds: the length of its longest list within four levels, 1 for an object without one, 0 where there is
 * no decoded JSON.
 */
export const recordsOf: (call: ApiCall) => number = memoLast(countRecords)

function countRecords(call: ApiCall): number {
  const content = call.response?.content
  if (content?.kind !== 'json') return 0
  const list = listIn(call)
  if (list !== undefined) return list.length
  return content.value !== null && typeof content.value === 'object' ? 1 : 0
}

/** Whether the answer is a list of records: at its top, or beside counts and cursors. */
export const isListing = (call: ApiCall): boolean => listIn(call) !== undefined
