import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { CallView } from '../../../src/server/api/call.ts'
import type { StatsView } from '../../../src/server/api/stats.ts'
import { publishCalls } from './live-calls.ts'

/** Which parts of the cache an event of the live feed makes old. */
const outdates: Readonly<Record<string, readonly string[]>> = {
  incident: ['incidents', 'overview'],
  signal: ['signals'],
  endpoint: ['endpoint', 'overview'],
  quarantine: ['quarantine', 'incidents', 'principals'],
}

/** One endpoint and its operations. The list of all refreshes itself, at a pace that its length allows. */
const keysOf: Readonly<Record<string, readonly (readonly string[])[]>> = {
  endpoint: [
    ['endpoints', 'one'],
    ['endpoints', 'operations'],
  ],
}

/** What came in this long is one refresh. */
const batchMs = 1500

export type LiveState = 'connecting' | 'live' | 'waiting'

/**
 * Follows `/api/v1/live` and keeps the cache fresh: at most one refresh of each part per batch, and none while the tab
 * is hidden. `EventSource` reconnects by itself; after a gap everything that could have been missed is asked again.
 */
export function useLive(enabled: boolean): LiveState {
  const cache = useQueryClient()
  const [state, setState] = useState<LiveState>('connecting')
  useEffect(() => {
    if (!enabled) return undefined
    const old = new Set<string>()
    let timer: ReturnType<typeof setTimeout> | undefined
    let wasLost = false
    const flush = (): void => {
      timer = undefined
      for (const queryKey of [...old].flatMap(part => keysOf[part] ?? [[part]]))
        void cache.invalidateQueries({ queryKey, refetchType: document.hidden ? 'none' : 'active' })
      old.clear()
    }
    const outdate = (keys: readonly string[]): void => {
      for (const key of keys) old.add(key)
      timer ??= setTimeout(flush, batchMs)
    }
    const source = new EventSource('/api/v1/live')
    source.onopen = () => {
      setState('live')
      if (wasLost) outdate([...new Set(Object.values(outdates).flat())])
      wasLost = false
    }
    source.onerror = () => {
      wasLost = true
      setState('waiting')
    }
    for (const [event, keys] of Object.entries(outdates)) source.addEventListener(event, () => outdate(keys))
    source.addEventListener('stats', event => cache.setQueryData(['stats'], data<StatsView>(event)))
    source.addEventListener('call', event => {
      const calls = data<CallView | readonly CallView[]>(event)
      if (calls !== undefined) publishCalls(Array.isArray(calls) ? calls : [calls as CallView])
    })
    return () => {
      clearTimeout(timer)
      source.close()
    }
  }, [cache, enabled])
  return state
}

function data<Value>(event: Event): Value | undefined {
  try {
    return JSON.parse((event as MessageEvent<string>).data) as Value
  } catch {
    return undefined
  }
}
