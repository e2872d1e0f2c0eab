import { useCallback, useEffect, useRef, useState } from 'react'
import type { CallView } from '../../../../src/server/api/call.ts'
import { watchCalls } from '../../api/live-calls.ts'
import type { CallFilter } from '../../format/call-filter.ts'
import { matchesFilter } from '../../format/filter-match.ts'

/** Calls of the live feed kept at most; older ones are in the store. */
const most = 1000

export interface Tail {
  readonly on: boolean
  readonly setOn: (on: boolean) => void
  readonly waiting: number
  readonly show: () => void
  readonly withTail: (calls: readonly CallView[]) => readonly CallView[]
}

/**
 * New calls that meet the filter. They join the list by themselves only while its top is in view and nothing is open;
 * otherwise they wait to be asked for, so that no row moves under the reader.
 */
export function useTail(filter: CallFilter, free: boolean): Tail {
  const [on, setOn] = useState(true)
  const [shown, setShown] = useState<readonly CallView[]>([])
  const [held, setHeld] = useState<readonly CallView[]>([])
  const isFree = useRef(free)
  isFree.current = free
  const closed = filter.until !== undefined || filter.ids.length > 0

  // biome-ignore lint/correctness/useExhaustiveDependencies: another filter is another list.
  useEffect(() => {
    setShown([])
    setHeld([])
  }, [filter])

  useEffect(() => {
    if (!on || closed) return undefined
    return watchCalls(batch => {
      const fitting = batch.filter(call => matchesFilter(call, filter))
      if (fitting.length === 0) return
      const newestFirst = [...fitting].sort((a, b) => b.time.localeCompare(a.time))
      const add = (before: readonly CallView[]): readonly CallView[] =>
        [...newestFirst, ...before].slice(0, most)
      if (isFree.current && window.scrollY < 40 && !document.hidden) setShown(add)
      else setHeld(add)
    })
  }, [on, closed, filter])

  const show = useCallback(() => {
    setShown(before => [...held, ...before].slice(0, most))
    setHeld([])
    window.scrollTo({ top: 0 })
  }, [held])

  const withTail = (calls: readonly CallView[]): readonly CallView[] => {
    if (shown.length === 0) return calls
    const seen = new Set(calls.map(call => call.id))
    return [...shown.filter(call => !seen.has(call.id)), ...calls]
  }
  return { on: on && !closed, setOn, waiting: held.length, show, withTail }
}
