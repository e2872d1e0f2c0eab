import { NativeSelect, TextInput } from '@mantine/core'
import { Search } from 'lucide-react'
import { usePolicies } from '../../api/policies.ts'
import { actionDone, decisionActions, decisionSpans } from '../../format/decisions.ts'
import { fromLocalInput, toLocalInput } from '../../format/local-input.ts'
import { zoneName } from '../../format/time.ts'
import { useTyped } from '../../hooks/typed.ts'
import { Choice } from '../../parts/choice.tsx'

type Filter = Readonly<Partial<Record<string, string>>>

interface DecisionToolsProps {
  readonly filter: Filter
  readonly onChange: (params: Readonly<Record<string, string>>) => void
}

const between = 'between'

/** A time of the address as an input holds it; empty where it is none. */
const local = (at: string | undefined): string => {
  const time = Date.parse(at ?? '')
  return Number.isNaN(time) ? '' : toLocalInput(time)
}

const any = (label: string) => ({ value: '', label })

/** What is looked for. */
export function DecisionTools({ filter, onChange }: DecisionToolsProps) {
  const policies = usePolicies().data?.items.map(({ name }) => name) ?? []
  const [principal, setPrincipal] = useTyped(filter.principal ?? '', text =>
    onChange({ principal: text.trim() }),
  )
  const isBetween = filter.since !== undefined || filter.until !== undefined
  const names = [
    ...new Set([...policies, 'quarantine', ...(filter.policy === undefined ? [] : [filter.policy])]),
  ]
  const select = (key: string) => (event: React.ChangeEvent<HTMLSelectElement>) =>
    onChange({ [key]: event.currentTarget.value })
  const time = (key: 'since' | 'until') => (event: React.ChangeEvent<HTMLInputElement>) => {
    const at = fromLocalInput(event.currentTarget.value)
    onChange({ [key]: at === undefined ? '' : new Date(at).toISOString() })
  }
  return (
    <div className="decision-tools no-print">
      <Choice
        label="How far back"
        options={[...decisionSpans, { value: between, label: 'Between…' }]}
        value={isBetween ? between : (filter.range ?? '24h')}
        onChange={value =>
          onChange(
            value === between
              ? { range: '', since: new Date(Date.now() - 86_400_000).toISOString() }
              : { range: value === '24h' ? '' : value, since: '', until: '' },
          )
        }
      />
      <TextInput
        data-search
        size="xs"
        aria-label="Caller"
        placeholder="Caller, such as user:alice"
        leftSection={<Search size={14} aria-hidden="true" />}
        value={principal}
        onChange={event => setPrincipal(event.currentTarget.value)}
      />
      <NativeSelect
        size="xs"
        aria-label="Policy"
        data={[any('Every policy'), ...names]}
        value={filter.policy ?? ''}
        onChange={select('policy')}
      />
      <NativeSelect
        size="xs"
        aria-label="Action"
        data={[any('Every action'), ...decisionActions.map(value => ({ value, label: actionDone(value) }))]}
        value={filter.action ?? ''}
        onChange={select('action')}
      />
      <NativeSelect
        size="xs"
        aria-label="Phase"
        data={[
          any('Requests and answers'),
          { value: 'request', label: 'Requests' },
          { value: 'response', label: 'Answers' },
        ]}
        value={filter.phase ?? ''}
        onChange={select('phase')}
      />
      <NativeSelect
        size="xs"
        aria-label="Stage"
        data={[
          any('Every stage'),
          { value: 'shadow', label: 'In shadow' },
          { value: 'canary', label: 'In canary' },
          { value: 'enforce', label: 'Enforced' },
        ]}
        value={filter.mode ?? ''}
        onChange={select('mode')}
      />
      {isBetween && (
        <span className="row decision-times">
          <label>
            from <input type="datetime-local" value={local(filter.since)} onChange={time('since')} />
          </label>
          <label>
            to <input type="datetime-local" value={local(filter.until)} onChange={time('until')} />
          </label>
          <span className="dim">in {zoneName()}</span>
        </span>
      )}
    </div>
  )
}
