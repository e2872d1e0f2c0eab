import { Button } from '@mantine/core'
import { useEffect, useMemo, useState } from 'react'
import { Link } from 'react-router'
import { useDecisions } from '../../api/decisions.ts'
import { decisionSpans, decisionsSentence } from '../../format/decisions.ts'
import { decisionsPath } from '../../format/paths.ts'
import { useAddress } from '../../hooks/address.ts'
import { useCursor } from '../../hooks/cursor.ts'
import { DecisionTable } from '../../parts/decision-table.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { Page } from '../../parts/page.tsx'
import { Lines } from '../../parts/skeletons.tsx'
import { DecisionPanel } from './decision-panel.tsx'
import { DecisionTools } from './decision-tools.tsx'
import './decisions.css'

const keys = ['policy', 'principal', 'action', 'phase', 'mode', 'range', 'since', 'until'] as const

/** What policies decided, and why: the filter and the decision that is open stand in the address. */
export default function DecisionsPage() {
  const [search, change] = useAddress()
  const filter = Object.fromEntries(
    keys.map(key => [key, search.get(key) ?? '']).filter(([, value]) => value !== ''),
  ) as Partial<Record<(typeof keys)[number], string>>
  const key = JSON.stringify(filter)
  // One moment per filter: the range must not creep while pages of it are loaded.
  const [now, setNow] = useState(Date.now)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new filter is a new look at the clock.
  useEffect(() => setNow(Date.now()), [key])
  const span = decisionSpans.find(({ value }) => value === filter.range) ?? decisionSpans[1]
  const isBetween = filter.since !== undefined || filter.until !== undefined
  const asked = useMemo(() => {
    const { range: _, since, until, ...rest } = JSON.parse(key) as typeof filter
    const from = Date.parse(since ?? '')
    const to = Date.parse(until ?? '')
    if (since !== undefined || until !== undefined)
      return {
        ...rest,
        ...(Number.isNaN(from) ? {} : { since: from }),
        ...(Number.isNaN(to) ? {} : { until: to }),
      }
    return span === undefined || span.ms === 0 ? rest : { ...rest, since: now - span.ms }
  }, [key, now, span])
  const decisions = useDecisions(asked, JSON.stringify(asked))
  const items = decisions.data?.pages.flatMap(page => page.items) ?? []
  const open = search.get('decision') ?? undefined
  const cursor = useCursor(items.length, index => change({ decision: items[index]?.id ?? '' }))
  const words = isBetween ? 'in that time' : (span?.words ?? '')
  const narrowed = Object.keys(filter).some(one => !['range', 'since', 'until'].includes(one))
  return (
    <Page
      title="Decisions"
      kind="Why was this refused?"
      lead={
        decisions.data === undefined
          ? 'What policies decided.'
          : decisionsSentence(items, decisions.hasNextPage, narrowed ? `like these ${words}` : words)
      }
      sub="Each with the policy as it stood then and what it read of the call. What let a call pass is written down at most every ten seconds for each caller."
    >
      <DecisionTools filter={filter} onChange={change} />
      <Loaded query={decisions} doing="Searching the decisions" skeleton={<Lines count={12} height={20} />}>
        {() =>
          items.length === 0 ? (
            <Empty title={narrowed ? 'No decision is like these.' : `No policy decided anything ${words}.`}>
              {narrowed ? (
                <p>Every part of the search has to fit.</p>
              ) : (
                <p>
                  No call met a policy, or there is none: a call that no policy matches leaves nothing here.{' '}
                  <Link to="/policies">See which policies there are, or begin with a ready-made one</Link>.
                </p>
              )}
              <Button
                size="xs"
                variant="default"
                onClick={() => change({ ...Object.fromEntries(keys.map(one => [one, ''])), range: 'all' })}
              >
                Show all that are kept
              </Button>
            </Empty>
          ) : (
            <>
              <DecisionTable
                decisions={items}
                active={open}
                cursor={cursor}
                withPolicy
                hrefOf={({ id }) => decisionsPath({ ...filter, decision: id })}
              />
              {decisions.hasNextPage && (
                <div>
                  <Button
                    size="xs"
                    variant="default"
                    loading={decisions.isFetchingNextPage}
                    onClick={() => void decisions.fetchNextPage()}
                  >
                    Show older ones
                  </Button>
                </div>
              )}
            </>
          )
        }
      </Loaded>
      {open !== undefined && <DecisionPanel id={open} onClose={() => change({ decision: '' })} />}
    </Page>
  )
}
