import { SallyportError } from '../kit/error.ts'
import { type CursorKey, formatCursor, parseCursor } from './cursor.ts'

/**
 * A call's place in the one order every driver keeps: time, then id, then the batch and the row it came in. The last two
 * tell two calls apart that a recording, imported twice, gave the same time and id.
 */
export interface CallKey {
  /** Whole milliseconds. */
  readonly time: number
  readonly id: string
  readonly batch: bigint
  readonly row: number
}

export function compareCallKeys(a: CallKey, b: CallKey): number {
  if (a.time !== b.time) return a.time - b.time
  if (a.id !== b.id) return compareBytes(a.id, b.id)
  if (a.batch !== b.batch) return a.batch < b.batch ? -1 : 1
  return a.row - b.row
}

/** Byte order of UTF-8, as databases sort; UTF-16 order differs beyond the basic plane. */
const compareBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

export const formatCallCursor = ({ time, id, batch, row }: CallKey): string =>
  formatCursor({ time, id: `${batch}.${row}.${id}` })

/** Refuses what `formatCallCursor` did not make with `usage/invalid-argument`. */
export function parseCallCursor(cursor: string): CallKey {
  const key: CursorKey = parseCursor(cursor)
  const [batch = '', row = ''] = key.id.split('.', 2)
  if (!/^\d{1,20}$/.test(batch) || !/^\d{1,10}$/.test(row)) {
    throw new SallyportError('usage/invalid-argument', 'The cursor is not one that a page of calls gave.', {
      where: 'cursor',
      mend: 'Leave it out to begin with the newest.',
    })
  }
  return {
    time: key.time,
    id: key.id.slice(batch.length + row.length + 2),
    batch: BigInt(batch),
    row: Number(row),
  }
}
