import { Button, NativeSelect, TextInput } from '@mantine/core'
import { Search } from 'lucide-react'
import { useEffect, useMemo, useState } from 'react'
import { Link } from 'react-router'
import { useChanges } from '../../api/changes.ts'
import { changeSpans, daySpan } from '../../format/change-spans.ts'
import { byDay, changeKinds, changesSentence, changeTitles, filterChanges } from '../../format/changes.ts'
import { plural } from '../../format/number.ts'
import { useAddress } from '../../hooks/address.ts'
import { useLastVisit } from '../../hooks/last-visit.ts'
import { useTyped } from '../../hooks/typed.ts'
import { Choice } from '../../parts/choice.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { OnlyEndpoint } from '../../parts/only-endpoint.tsx'
import { Page } from '../../parts/page.tsx'
import { Section } from '../../parts/section.tsx'
import { Lines } from '../../parts/skeletons.tsx'
import { ChangeRow } from './change-row.tsx'
import { NoChanges } from './no-changes.tsx'
import './changes.css'

const step = 200

export default function ChangesPage() {
  const [search, changeAddress] = useAddress()
  const [shown, setShown] = useState(step)
  const before = useLastVisit('changes')
  const spans = changeSpans(before)
  const span = spans.find(({ value }) => value === search.get('days')) ?? daySpan
  const kind = changeKinds.find(one => one === search.get('kind'))
  const query = useChanges(span.value, () => span.since(Date.now()))
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  const all = useMemo(() => query.data?.pages.flatMap(page => page.items) ?? [], [query.data])
  const endpoint = search.get('endpoint') ?? ''
  const [q, setQ] = useTyped(search.get('q') ?? '', text => change({ q: text }))
  const chosen = useMemo(() => filterChanges(all, { kind, endpoint, q }), [all, kind, endpoint, q])
  const present = changeKinds.filter(one => one === kind || all.some(change => change.kind === one))
  const change = (params: Readonly<Record<string, string>>): void => {
    setShown(step)
    changeAddress(params)
  }

  const clear = (): void => change({ kind: '', q: '', endpoint: '' })

  return (
    <Page
      title="Changes"
      kind={<Link to="/apis">APIs</Link>}
      lead={query.data === undefined ? 'What changed about the APIs.' : changesSentence(all, span.words)}
      sub="Each endpoint is compared with what it was, in the traffic’s own time."
    >
      <div className="changes-tools no-print">
        <Choice
          label="How far back"
          options={spans}
          value={span.value}
          onChange={value => change({ days: value === daySpan.value ? '' : value })}
        />
        <NativeSelect
          aria-label="Kind of change"
          data={[
            { value: '', label: 'Every kind' },
            ...present.map(value => ({ value, label: changeTitles[value] })),
          ]}
          value={kind ?? ''}
          onChange={event => change({ kind: event.currentTarget.value })}
        />
        <TextInput
          data-search
          aria-label="Search the changes"
          placeholder="Search endpoint and field"
          leftSection={<Search size={14} aria-hidden="true" />}
          value={q}
          onChange={event => setQ(event.currentTarget.value)}
        />
        <p className="dim" role="status">
          {query.data !== undefined && plural(chosen.length, 'change')}
        </p>
      </div>
      {endpoint !== '' && <OnlyEndpoint id={endpoint} onClear={() => change({ endpoint: '' })} />}
      <Loaded query={query} doing="Loading the changes" skeleton={<Lines count={10} height={20} />}>
        {() =>
          chosen.length === 0 ? (
            <NoChanges
              since={span.words}
              {...(kind === undefined && endpoint === '' && q === '' ? {} : { onClear: clear })}
            />
          ) : (
            <>
              {byDay(chosen.slice(0, shown)).map(day => (
                <Section key={day.title} title={day.title}>
                  <ul className="changes">
                    {day.changes.map(one => (
                      <ChangeRow
                        key={one.id}
                        change={one}
                        isNew={before > 0 && span.value !== 'visit' && Date.parse(one.time) > before}
                      />
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
