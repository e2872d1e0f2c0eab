import { useRef, useState } from 'react'
import { type Identified, steady } from '../format/steady.ts'

/**
 * A live list that does not move what is being read: rows change in place and keep their order; rows that are new wait
 * in `waiting` until `settle` is called.
 */
export function useSteady<Item extends Identified>(items: readonly Item[] | undefined, scope: string) {
  const order = useRef<{ scope: string; ids: readonly string[] } | undefined>(undefined)
  const [, redraw] = useState(0)
  if (items !== undefined && order.current?.scope !== scope)
    order.current = { scope, ids: items.map(item => item.id) }
  const { shown, waiting } = steady(items ?? [], order.current?.ids ?? [])
  const settle = (): void => {
    order.current = undefined
    redraw(turn => turn + 1)
  }
  return { shown, waiting, settle }
}
