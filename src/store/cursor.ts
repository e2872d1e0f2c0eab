import { SallyportError } from '../kit/error.ts'

/** A place in a list sorted by time, then id. */
export interface CursorKey {
  readonly time: number
  readonly id: string
}

/** The opaque form of a place in a list; the page after it begins with the next item. */
export function formatCursor(key: CursorKey): string {
  return Buffer.from(`${key.time}:${key.id}`).toString('base64url')
}

/** The place a cursor names; anything `formatCursor` did not make is refused with `usage/invalid-argument`. */
export function parseCursor(cursor: string): CursorKey {
  const text = cursor.length > 4_096 ? '' : Buffer.from(cursor, 'base64url').toString()
  const colon = text.indexOf(':')
  const time = colon > 0 ? Number(text.slice(0, colon)) : Number.NaN
  const key = { time, id: text.slice(colon + 1) }
  if (!Number.isSafeInteger(time) || formatCursor(key) !== cursor) {
    throw new SallyportError('usage/invalid-argument', 'The cursor is not one that a page gave.', {
      where: 'cursor',
      mend: 'Leave it out to begin with the first page.',
    })
  }
  return key
}

export const defaultPageSize = 100
export const largestPageSize = 1_000

/** The page size asked for; outside 1 to 1000 it is refused. */
export function pageSize(limit: number | undefined): number {
  if (limit === undefined) return defaultPageSize
  if (Number.isInteger(limit) && limit >= 1 && limit <= largestPageSize) return limit
  throw new SallyportError(
    'usage/invalid-argument',
    `The limit must be a whole number from 1 to ${largestPageSize}.`,
    {
      where: 'limit',
    },
  )
}
