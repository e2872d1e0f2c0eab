import { useMemo, useRef, useState } from 'react'
import { type Identified, keptOrder } from '../format/steady.ts'

/**
 * A long live list whose rows stay where they are: what is new comes after the rest until `settle` is called or `scope`, the
 * filter and the order that were asked for, is another.
 */
export function useKeptOrder<Item extends Identified>(items: readonly Item[], scope: string) {
  const order = useRef<{ scope: string; ids: readonly string[] } | undefined>(undefined)
  const [turn, setTurn] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a turn forgets the order.
  const kept = useMemo(() => {
    const before = order.current
    if (before?.scope === scope && before.ids.length > 0) return keptOrder(items, before.ids)
    order.current = { scope, ids: items.map(item => item.id) }
    return { shown: items, fresh: 0 }
  }, [items, scope, turn])
  const settle = (): void => {
    order.current = undefined
    setTurn(turn + 1)
  }
  return { ...kept, settle }
}
