import { SegmentedControl } from '@mantine/core'
import { useEffect, useMemo } from 'react'
import { useIncidentQueue } from '../../api/incidents.ts'
import { count } from '../../format/number.ts'
import { changeKinds, changesSentence, filterQueue, queueSentence, ranked } from '../../format/queue.ts'
import { useAddress } from '../../hooks/address.ts'
import { useTyped } from '../../hooks/typed.ts'
import { useVisit } from '../../hooks/visit.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { Page } from '../../parts/page.tsx'
import { Lines } from '../../parts/skeletons.tsx'
import { NoIncidents } from './no-incidents.tsx'
import { Queue } from './queue.tsx'
import { QueueFilters } from './queue-filters.tsx'
import './incidents.css'

const statuses = [
  { value: 'open', label: 'Open' },
  { value: 'contained', label: 'Contained' },
  { value: 'closed', label: 'Closed' },
] as const
type Status = (typeof statuses)[number]['value']

export default function IncidentsPage() {
  const [search, change] = useAddress()
  const visit = useVisit('incidents')
  const status = statuses.find(({ value }) => value === search.get('status'))?.value ?? 'open'
  const lists: Readonly<Record<Status, ReturnType<typeof useWhole>>> = {
    open: useWhole('open', visit.against, visit.ready),
    contained: useWhole('contained', visit.against, visit.ready),
    closed: useWhole('closed', visit.against, visit.ready && status === 'closed'),
  }
  const { query, items } = lists[status]
  const [q, setQ] = useTyped(search.get('q') ?? '', text => change({ q: text }))
  const severity = search.get('severity') ?? undefined
  const changed = [...changeKinds, 'any' as const].find(kind => kind === search.get('changed'))
  const shown = useMemo(
    () =>
      filterQueue(items, {
        q,
        ...(severity === undefined ? {} : { severity }),
        ...(changed === undefined ? {} : { change: changed }),
      }),
    [items, q, severity, changed],
  )
  const loading = query.hasNextPage
  const narrowed = q !== '' || severity !== undefined || changed !== undefined
  const clear = (): void => {
    // What is still being typed goes as well.
    setQ('')
    change({ severity: '', changed: '' })
  }
  const known = lists.open.query.data !== undefined && lists.contained.query.data !== undefined
  const sentence = known ? queueSentence([...lists.open.items, ...lists.contained.items]) : 'Which first?'
  return (
    <Page
      title="Incidents"
      kind="Which first?"
      lead={sentence}
      sub={
        known ? changesSentence(lists.open.items) || 'Nothing has changed since your last visit.' : undefined
      }
    >
      <div className="incidents-tools no-print">
        <SegmentedControl
          aria-label="Status"
          data={[...statuses]}
          value={status}
          onChange={value => change({ status: value === 'open' ? '' : value })}
        />
        <QueueFilters
          incidents={items}
          q={q}
          severity={severity}
          changed={changed}
          onQ={setQ}
          onChange={change}
          onSeen={visit.markSeen}
        />
      </div>
      <Loaded query={query} doing="Loading the incidents" skeleton={<Lines count={8} height={22} />}>
        {() =>
          shown.length === 0 ? (
            <NoIncidents status={status} {...(narrowed ? { onClear: clear } : {})} />
          ) : (
            <>
              {(narrowed || loading) && (
                <p className="dim" role="status">
                  {count(shown.length)} of {count(items.length)}
                  {loading && ', loading the rest…'}
                </p>
              )}
              <Queue
                incidents={shown}
                scope={`${status} ${severity ?? ''} ${changed ?? ''} ${q} ${visit.against} ${loading}`}
              />
            </>
          )
        }
      </Loaded>
    </Page>
  )
}

/** All incidents of a status, ranked; the rest is fetched behind what is shown. */
function useWhole(status: Status, visitedAt: string, enabled: boolean) {
  const query = useIncidentQueue(status, visitedAt, enabled)
  const { hasNextPage, isFetchingNextPage, fetchNextPage, isFetchNextPageError } = query
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && !isFetchNextPageError) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage])
  const items = useMemo(() => ranked(query.data?.pages.flatMap(page => page.items) ?? []), [query.data])
  return { query, items }
}
