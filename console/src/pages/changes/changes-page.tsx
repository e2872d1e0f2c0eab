import { Button, NativeSelect, SegmentedControl } from '@mantine/core'
import { useEffect, useMemo, useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { useChanges } from '../../api/changes.ts'
import { byDay, changeKinds, changesSentence, changeTitles } from '../../format/changes.ts'
import { plural } from '../../format/number.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { Page } from '../../parts/page.tsx'
import { Section } from '../../parts/section.tsx'
import { Lines } from '../../parts/skeletons.tsx'
import { ChangeRow } from './change-row.tsx'
import { NoChanges } from './no-changes.tsx'
import './changes.css'

const spans = [
  { value: '1', label: '24 hours', since: 'since yesterday' },
  { value: '7', label: '7 days', since: 'in the last 7 days' },
  { value: '30', label: '30 days', since: 'in the last 30 days' },
]

const step = 200

export default function ChangesPage() {
  const [search, setSearch] = useSearchParams()
  const [shown, setShown] = useState(step)
  const days = search.get('days') ?? '1'
  const span = spans.find(({ value }) => value === days) ?? spans[0]!
  const kind = changeKinds.find(one => one === search.get('kind'))
  const query = useChanges(Number(span.value))
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  const all = useMemo(() => query.data?.pages.flatMap(page => page.items) ?? [], [query.data])
  const chosen = useMemo(
    () => (kind === undefined ? all : all.filter(change => change.kind === kind)),
    [all, kind],
  )
  const present = changeKinds.filter(one => one === kind || all.some(change => change.kind === one))
  const change = (key: 'days' | 'kind', value: string): void => {
    const next = new URLSearchParams(search)
    if (value === '') next.delete(key)
    else next.set(key, value)
    setShown(step)
    setSearch(next, { replace: true })
  }

  return (
    <Page
      title="Changes"
      kind={<Link to="/apis">APIs</Link>}
      lead={query.data === undefined ? 'What changed about the APIs.' : changesSentence(all, span.since)}
      sub="Each endpoint is compared with what it was, in the traffic’s own time."
    >
      <div className="changes-tools no-print">
        <SegmentedControl
          aria-label="How far back"
          data={spans.map(({ value, label }) => ({ value, label }))}
          value={span.value}
          onChange={value => change('days', value === '1' ? '' : value)}
        />
        <NativeSelect
          aria-label="Kind of change"
          data={[
            { value: '', label: 'Every kind' },
            ...present.map(value => ({ value, label: changeTitles[value] })),
          ]}
          value={kind ?? ''}
          onChange={event => change('kind', event.currentTarget.value)}
        />
        <p className="dim" role="status">
          {query.data !== undefined && plural(chosen.length, 'change')}
        </p>
      </div>
      <Loaded query={query} doing="Loading the changes" skeleton={<Lines count={10} height={20} />}>
        {() =>
          chosen.length === 0 ? (
            <NoChanges
              since={span.since}
              {...(kind === undefined ? {} : { onClear: () => change('kind', '') })}
            />
          ) : (
            <>
              {byDay(chosen.slice(0, shown)).map(day => (
                <Section key={day.title} title={day.title}>
                  <ul className="changes">
                    {day.changes.map(one => (
                      <ChangeRow key={one.id} change={one} />
                    ))}
                  </ul>
                </Section>
              ))}
              {chosen.length > shown && (
                <div>
                  <Button size="xs" variant="default" onClick={() => setShown(shown + step)}>
                    Show older ones
                  </Button>
                </div>
              )}
            </>
          )
        }
      </Loaded>
    </Page>
  )
}
