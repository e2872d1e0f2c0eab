import { SallyportError } from '../../kit/error.ts'
import type { PageView } from '../api/page.ts'

/** A page of what the graph found by id; its cursor is the last id. */
export function idPage<Item extends { readonly id: string }, View>(
  { items, more }: { readonly items: readonly Item[]; readonly more: boolean },
  viewOf: (item: Item) => View,
): PageView<View> {
  const last = items.at(-1)
  return {
    items: items.map(viewOf),
    ...(last === undefined || !more ? {} : { cursor: Buffer.from(last.id).toString('base64url') }),
  }
}

/**
 * The id after which a page begins; undefined for the first page.
 * @throws SallyportError `usage/invalid-argument` for a cursor that is none of ours.
 */
export function idCursor(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined
  const id = Buffer.from(cursor, 'base64url').toString()
  if (id !== '' && Buffer.from(id).toString('base64url') === cursor) return id
  throw new SallyportError('usage/invalid-argument', 'The cursor is not one that a page gave.', {
    where: 'cursor',
    mend: 'Leave it out to begin with the first page.',
  })
}
