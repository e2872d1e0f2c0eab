import { useEffect, useMemo, useState } from 'react'
import { useSearchParams } from 'react-router'
import type { CallView } from '../../../../src/server/api/call.ts'
import { useCalls, useHistogram } from '../../api/calls.ts'
import { evenBuckets } from '../../format/buckets.ts'
import type { CallFilter } from '../../format/call-filter.ts'
import { callsSentence } from '../../format/calls.ts'
import { addressOf, filterFrom } from '../../format/filter-address.ts'
import { bucketMs, frameOf, paramsOf } from '../../format/filter-params.ts'
import { Bars } from '../../parts/bars.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { NamedEvents } from '../../parts/named-events.tsx'
import { Page } from '../../parts/page.tsx'
import { Lines } from '../../parts/skeletons.tsx'
import { CallPanel } from './call-panel.tsx'
import { CallRows } from './call-rows.tsx'
import { CustomRange } from './custom-range.tsx'
import { FilterBar } from './filter-bar.tsx'
import { FilterChips } from './filter-chips.tsx'
import { NoCalls } from './no-calls.tsx'
import { useTail } from './tail.ts'
import './calls.css'

export default function CallsPage() {
  const [search, setSearch] = useSearchParams()
  const key = addressOf(filterFrom(search)).toString()
  // One moment per filter: the range must not creep while pages of it are loaded.
  const [now, setNow] = useState(Date.now)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new filter is a new look at the clock.
  useEffect(() => setNow(Date.now()), [key])
  const filter = useMemo(() => filterFrom(new URLSearchParams(key)), [key])
  const params = useMemo(() => paramsOf(filter, now), [filter, now])
  const size = bucketMs(filter, now)
  const calls = useCalls(params)
  const histogram = useHistogram(params, size)
  const selected = search.get('call') ?? undefined
  const tail = useTail(filter, selected === undefined)

  const setFilter = (next: CallFilter): void => {
    const address = addressOf(next)
    if (selected !== undefined) address.set('call', selected)
    setSearch(address)
  }
  const select = (id: string | undefined): void => {
    const address = addressOf(filter)
    if (id !== undefined) address.set('call', id)
    setSearch(address, { replace: selected !== undefined && id !== undefined })
  }
  const buckets = histogram.data?.items ?? []
  return (
    <Page title="Calls" kind="Show me." lead={callsSentence(histogram.data?.items, filter)}>
      <div className="calls-tools">
        <FilterBar filter={filter} onChange={setFilter} tail={tail} onRefresh={() => setNow(Date.now())} />
        <CustomRange filter={filter} onChange={setFilter} />
        <FilterChips filter={filter} onChange={setFilter} />
        {buckets.length > 0 && (
          <Bars
            buckets={evenBuckets(buckets, { step: size, ...frameOf(filter, now) })}
            height={56}
            onPick={(bucket, next) => {
              const since = Date.parse(bucket.time)
              setFilter({
                ...filter,
                since,
                until: next === undefined ? since + size : Date.parse(next.time),
              })
            }}
          />
        )}
      </div>
      <Loaded query={calls} doing="Searching the calls" skeleton={<Lines count={14} height={20} />}>
        {data => {
          const items = tail.withTail(data.pages.flatMap(page => page.items))
          const others = calls.hasNextPage ? [] : notAmong(filter, items)
          if (items.length === 0 && others.length === 0)
            return <NoCalls filter={filter} onChange={setFilter} />
          if (items.length === 0) return <NamedEvents ids={others} />
          return (
            <>
              <NamedEvents ids={others} />
              <CallRows
                calls={items}
                filter={filter}
                selected={selected}
                onSelect={select}
                onFilter={setFilter}
                waiting={tail.waiting}
                onShowWaiting={tail.show}
                more={calls.hasNextPage}
                onMore={() => {
                  if (!calls.isFetchingNextPage) void calls.fetchNextPage()
                }}
              />
            </>
          )
        }}
      </Loaded>
      {selected !== undefined && (
        <CallPanel id={selected} filter={filter} onFilter={setFilter} onClose={() => select(undefined)} />
      )}
    </Page>
  )
}

/** Of the records that were asked for by id, those that are no calls; none where another condition may have left a call out. */
function notAmong(filter: CallFilter, calls: readonly CallView[]): readonly string[] {
  const { ids, range, since, until, text, only, not } = filter
  const others = text !== '' || Object.keys(only).length > 0 || Object.keys(not).length > 0
  if (ids.length === 0 || range !== 'all' || since !== undefined || until !== undefined || others) return []
  const found = new Set(calls.map(({ id }) => id))
  return ids.filter(id => !found.has(id))
}
