import { Button, NativeSelect, TextInput } from '@mantine/core'
import { Check, Search } from 'lucide-react'
import type { IncidentView } from '../../../../src/server/api/incident.ts'
import { severityOrder } from '../../format/findings.ts'
import { capital } from '../../format/names.ts'
import { count } from '../../format/number.ts'
import { type ChangeKind, changeKinds } from '../../format/queue.ts'

interface QueueFiltersProps {
  readonly incidents: readonly IncidentView[]
  readonly q: string
  readonly severity: string | undefined
  readonly changed: ChangeKind | 'any' | undefined
  readonly onQ: (text: string) => void
  readonly onChange: (params: Readonly<Record<string, string>>) => void
  readonly onSeen: () => void
}

const marks: Readonly<Record<ChangeKind, string>> = { new: 'New', worse: 'Worse', grew: 'Grown' }

export function QueueFilters({ incidents, q, severity, changed, onQ, onChange, onSeen }: QueueFiltersProps) {
  const numbers = changeKinds.map(
    kind => [kind, incidents.filter(one => one.changedSinceVisit === kind).length] as const,
  )
  const moved = numbers.reduce((sum, [, number]) => sum + number, 0)
  return (
    <>
      <TextInput
        data-search
        className="incidents-search"
        aria-label="Search the incidents"
        placeholder="Search who, what and where"
        leftSection={<Search size={14} aria-hidden="true" />}
        value={q}
        onChange={event => onQ(event.currentTarget.value)}
      />
      <NativeSelect
        aria-label="Severity"
        data={[
          { value: '', label: 'Every severity' },
          ...severityOrder
            .map(one => [one, incidents.filter(incident => incident.severity === one).length] as const)
            .filter(([one, number]) => number > 0 || one === severity)
            .map(([one, number]) => ({ value: one, label: `${capital(one)} (${count(number)})` })),
        ]}
        value={severity ?? ''}
        onChange={event => onChange({ severity: event.currentTarget.value })}
      />
      {(moved > 0 || changed !== undefined) && (
        <fieldset className="incidents-changed">
          <legend className="visually-hidden">Changed since your last visit</legend>
          {numbers.map(([kind, number]) => (
            <Button
              key={kind}
              size="xs"
              variant={changed === kind ? 'filled' : 'default'}
              aria-pressed={changed === kind}
              disabled={number === 0 && changed !== kind}
              onClick={() => onChange({ changed: changed === kind ? '' : kind })}
            >
              {marks[kind]} {count(number)}
            </Button>
          ))}
          <Button size="xs" variant="subtle" leftSection={<Check size={14} />} onClick={onSeen}>
            Mark all as seen
          </Button>
        </fieldset>
      )}
    </>
  )
}
