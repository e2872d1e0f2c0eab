export interface Identified {
  readonly id: string
}

/** Items in the order in which they were first shown, and how many have come since. Items that are gone leave. */
export function steady<Item extends Identified>(
  items: readonly Item[],
  order: readonly string[],
): { readonly shown: readonly Item[]; readonly waiting: number } {
  const byId = new Map(items.map(item => [item.id, item]))
  const shown: Item[] = []
  for (const id of order) {
    const item = byId.get(id)
    if (item !== undefined) shown.push(item)
  }
  // A list that had nothing has nothing to keep still.
  if (order.length === 0) return { shown: items, waiting: 0 }
  return { shown, waiting: byId.size - shown.length }
}

/** Items in the order in which they were first shown, then those that have come since. Items that are gone leave. */
export function keptOrder<Item extends Identified>(
  items: readonly Item[],
  order: readonly string[],
): { readonly shown: readonly Item[]; readonly fresh: number } {
  const byId = new Map(items.map(item => [item.id, item]))
  const shown: Item[] = []
  for (const id of order) {
    const item = byId.get(id)
    if (item === undefined) continue
    shown.push(item)
    byId.delete(id)
  }
  const fresh = byId.size
  for (const item of byId.values()) shown.push(item)
  return { shown, fresh }
}
