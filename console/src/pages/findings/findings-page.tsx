import { NativeSelect, SegmentedControl, TextInput } from '@mantine/core'
import { Search } from 'lucide-react'
import { useEffect, useMemo } from 'react'
import type { FindingView } from '../../../../src/server/api/finding.ts'
import { useFindings } from '../../api/findings.ts'
import {
  filterFindings,
  findingFilterFrom,
  findingStates,
  findingsSentence,
  severityOrder,
  stateMeaning,
  tallied,
} from '../../format/findings.ts'
import { capital, words } from '../../format/names.ts'
import { count, plural } from '../../format/number.ts'
import { useAddress } from '../../hooks/address.ts'
import { useTyped } from '../../hooks/typed.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { OnlyEndpoint } from '../../parts/only-endpoint.tsx'
import { Page } from '../../parts/page.tsx'
import { Lines } from '../../parts/skeletons.tsx'
import { FindingPanel } from './finding-panel.tsx'
import { FindingRows } from './finding-rows.tsx'
import { NoFindings } from './no-findings.tsx'
import './findings.css'

export default function FindingsPage() {
  const [search, change] = useAddress()
  const filter = findingFilterFrom(search)
  const query = useFindings(filter.status)
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  const all = useMemo(() => query.data?.pages.flatMap(page => page.items) ?? [], [query.data])
  const [q, setQ] = useTyped(filter.q, text => change({ q: text }))
  const { severity, rule, endpoint, status } = filter
  // biome-ignore lint/correctness/useExhaustiveDependencies: the parts of the filter, which is made anew each time.
  const items = useMemo(() => filterFindings(all, { ...filter, q }), [all, q, severity, rule, endpoint])
  const chosen = search.get('finding') ?? undefined
  const open = (id: string | undefined): void => change({ finding: id ?? '' })
  const narrowed = q !== '' || severity !== undefined || rule !== undefined || endpoint !== undefined

  return (
    <Page
      title="Findings"
      kind="What is to mend?"
      lead={query.data === undefined ? 'What should be mended.' : findingsSentence(all, status)}
      sub={`Where the APIs differ from their specifications or from what is safe: ${stateMeaning[status]}.`}
    >
      <div className="findings-tools no-print">
        <SegmentedControl
          aria-label="Status"
          data={findingStates.map(value => ({ value, label: capital(value) }))}
          value={status}
          onChange={value => change({ status: value === 'open' ? '' : value, finding: '' })}
        />
        <TextInput
          data-search
          aria-label="Search the findings"
          placeholder="Search sentence, endpoint and rule"
          leftSection={<Search size={14} aria-hidden="true" />}
          value={q}
          onChange={event => setQ(event.currentTarget.value)}
        />
        <Chooser
          label="Severity"
          every="Every severity"
          values={severityOrder
            .map(one => [one, all.filter(finding => finding.severity === one).length] as const)
            .filter(([one, number]) => number > 0 || one === severity)}
          value={severity}
          onChange={value => change({ severity: value })}
        />
        <Chooser
          label="Rule"
          every="Every rule"
          values={tallied(all.map(finding => finding.rule))}
          value={rule}
          onChange={value => change({ rule: value })}
        />
      </div>
      {endpoint !== undefined && <OnlyEndpoint id={endpoint} onClear={() => change({ endpoint: '' })} />}
      <Loaded query={query} doing="Loading the findings" skeleton={<Lines count={10} height={28} />}>
        {() =>
          items.length === 0 ? (
            <NoFindings
              status={status}
              {...(narrowed
                ? { onClear: () => change({ q: '', severity: '', rule: '', endpoint: '' }) }
                : {})}
            />
          ) : (
            <div className="stack">
              <p className="dim" role="status">
                {plural(items.length, 'finding')}
                {items.length < all.length && ` of ${count(all.length)}`}
                {hasNextPage && ', loading the rest…'}
              </p>
              <FindingRows findings={items} chosen={chosen} onOpen={open} />
            </div>
          )
        }
      </Loaded>
      <Chosen
        findings={all}
        id={chosen}
        loaded={query.data !== undefined && !hasNextPage}
        onClose={() => open(undefined)}
      />
    </Page>
  )
}

interface ChooserProps {
  readonly label: string
  readonly every: string
  readonly values: readonly (readonly [value: string, count: number])[]
  readonly value: string | undefined
  readonly onChange: (value: string) => void
}

function Chooser({ label, every, values, value = '', onChange }: ChooserProps) {
  const known = value === '' || values.some(([one]) => one === value)
  return (
    <NativeSelect
      aria-label={label}
      data={[
        { value: '', label: every },
        ...(known ? [] : [{ value, label: capital(words(value)) }]),
        ...values.map(([one, number]) => ({
          value: one,
          label: `${capital(words(one))} (${count(number)})`,
        })),
      ]}
      value={value}
      onChange={event => onChange(event.currentTarget.value)}
    />
  )
}

interface ChosenProps {
  readonly findings: readonly FindingView[]
  readonly id: string | undefined
  readonly loaded: boolean
  readonly onClose: () => void
}

/** The open finding; one that has left the list since is asked for by itself. */
function Chosen({ findings, id, loaded, onClose }: ChosenProps) {
  if (id === undefined) return null
  const found = findings.find(one => one.id === id)
  if (found === undefined && !loaded) return null
  return (
    <FindingPanel key={id} id={id} {...(found === undefined ? {} : { finding: found })} onClose={onClose} />
  )
}
