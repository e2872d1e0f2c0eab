import { ActionIcon, NativeSelect, Switch, TextInput } from '@mantine/core'
import { RotateCcw, Search } from 'lucide-react'
import { useEffect, useState } from 'react'
import { type CallFilter, type Range, ranges } from '../../format/call-filter.ts'
import { conditionsOf, lineOf } from '../../format/filter-text.ts'
import type { Tail } from './tail.ts'

interface FilterBarProps {
  readonly filter: CallFilter
  readonly onChange: (filter: CallFilter) => void
  readonly tail: Tail
  readonly onRefresh: () => void
}

const labels: Readonly<Record<Range, string>> = {
  '15m': 'Last 15 minutes',
  '1h': 'Last hour',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  all: 'All time',
}

/** The search line: what is typed and what is clicked are one filter. */
export function FilterBar({ filter, onChange, tail, onRefresh }: FilterBarProps) {
  const line = lineOf(filter)
  const [typed, setTyped] = useState(line)
  useEffect(() => setTyped(line), [line])
  const { since, until, ...open } = filter
  const custom = since !== undefined || until !== undefined
  const submit = (event: React.FormEvent): void => {
    event.preventDefault()
    onChange({ ...filter, ...conditionsOf(typed) })
  }
  return (
    <form className="filter-bar" onSubmit={submit}>
      <TextInput
        data-search
        className="filter-line"
        aria-label="Search the calls"
        leftSection={<Search size={14} aria-hidden="true" />}
        placeholder="status:4xx -method:GET principal:user:anna /invoices"
        value={typed}
        spellCheck={false}
        autoCapitalize="off"
        onChange={event => setTyped(event.currentTarget.value)}
      />
      <NativeSelect
        aria-label="Time"
        value={custom ? 'custom' : filter.range}
        onChange={event => {
          const chosen = event.currentTarget.value
          if (chosen === 'custom') onChange({ ...open, since: Date.now() - 3_600_000, until: Date.now() })
          else onChange({ ...open, range: chosen as Range })
        }}
        data={[
          ...ranges.map(value => ({ value, label: labels[value] })),
          { value: 'custom', label: 'From … until …' },
        ]}
      />
      <Switch label="Live" checked={tail.on} onChange={event => tail.setOn(event.currentTarget.checked)} />
      <ActionIcon
        variant="default"
        size="lg"
        aria-label="Search again"
        title="Search again"
        onClick={onRefresh}
      >
        <RotateCcw size={15} />
      </ActionIcon>
    </form>
  )
}
