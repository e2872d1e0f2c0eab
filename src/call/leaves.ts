import type { Content, Json } from './content.ts'
import { defaultDecodeLimits } from './content-limits.ts'

type Visit = (path: string, value: string | number | boolean | null) => void

/**
 * Calls `visit` for each scalar of a structured body with its path: names joined by dots, `[]` for any element of a list, e.g.
 * `data.items[].card`; a scalar at the root has the path ''. Text and malformed bodies are one leaf with the path ''. Empty and
 * binary bodies have none. Stops after `maxLeaves` (default 2,000), and at 64 levels.
 */
export function forEachLeaf(
  content: Content,
  visit: Visit,
  maxLeaves: number = defaultDecodeLimits.leaves,
): void {
  switch (content.kind) {
    case 'empty':
    case 'binary':
      return
    case 'text':
    case 'malformed':
      if (maxLeaves > 0 && content.text !== '') visit('', content.text)
      return
    default:
      walk(content.value, '', visit, maxLeaves, deepest)
  }
}

const deepest = 64

/** Returns how many leaves may still come. */
function walk(value: Json, path: string, visit: Visit, room: number, depth: number): number {
  if (room <= 0) return 0
  if (typeof value !== 'object' || value === null) {
    visit(path, value)
    return room - 1
  }
  if (depth === 0) return room
  let left = room
  if (Array.isArray(value)) {
    const inner = `${path}[]`
    for (const item of value as readonly Json[]) {
      left = walk(item, inner, visit, left, depth - 1)
      if (left === 0) return 0
    }
    return left
  }
  const object = value as { readonly [key: string]: Json }
  for (const key of Object.keys(object)) {
    left = walk(object[key]!, path === '' ? key : `${path}.${key}`, visit, left, depth - 1)
    if (left === 0) return 0
  }
  return left
}
