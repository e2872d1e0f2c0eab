import type { ApiCall } from '../call/api-call.ts'
import type { Json } from '../call/content.ts'

const maxDepth = 4
const maxKeys = 64

/**
 * How many records an answer holds: the length of its longest list within four levels, 1 for an object without one, 0 where there is
 * no decoded JSON.
 */
export function recordsOf(call: ApiCall): number {
  const content = call.response?.content
  if (content?.kind !== 'json') return 0
  const longest = longestList(content.value, 0)
  if (longest !== undefined) return longest
  return content.value !== null && typeof content.value === 'object' ? 1 : 0
}

function longestList(value: Json, depth: number): number | undefined {
  if (value === null || typeof value !== 'object') return undefined
  if (Array.isArray(value)) return value.length
  if (depth >= maxDepth) return undefined
  let longest: number | undefined
  let looked = 0
  for (const key in value as { readonly [key: string]: Json }) {
    looked += 1
    if (looked > maxKeys) break
    const inner = longestList((value as { readonly [key: string]: Json })[key] ?? null, depth + 1)
    if (inner !== undefined && (longest === undefined || inner > longest)) longest = inner
  }
  return longest
}

/** Whether the answer is a list of records: at its top, or as the one list beside counts and cursors. */
export function isListing(call: ApiCall): boolean {
  const content = call.response?.content
  return content?.kind === 'json' && longestList(content.value, 0) !== undefined
}
