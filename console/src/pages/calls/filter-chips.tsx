import { X } from 'lucide-react'
import {
  type CallFilter,
  emptyFilter,
  excludable,
  excluding,
  type FilterField,
  filterFields,
  including,
  isNarrowed,
  without,
} from '../../format/call-filter.ts'

interface FilterChipsProps {
  readonly filter: CallFilter
  readonly onChange: (filter: CallFilter) => void
}

/** The conditions as chips: a click turns one round, the cross takes it away. */
export function FilterChips({ filter, onChange }: FilterChipsProps) {
  if (!isNarrowed(filter)) return null
  const conditions = filterFields.flatMap(field => {
    const only = filter.only[field]
    const not = (filter.not[field] ?? []).map(value => ({ field, value, negative: true }))
    return only === undefined ? not : [{ field, value: only, negative: false }, ...not]
  })
  return (
    <div className="row filter-chips">
      {filter.ids.length > 0 && (
        <Chip
          text={`${filter.ids.length} chosen ${filter.ids.length === 1 ? 'record' : 'records'}`}
          onRemove={() => onChange({ ...filter, ids: [] })}
        />
      )}
      {conditions.map(condition => (
        <Chip
          key={`${condition.negative} ${condition.field} ${condition.value}`}
          text={`${condition.field} ${condition.negative ? 'is not' : 'is'} ${condition.value}`}
          negative={condition.negative}
          onTurn={turnable(condition.field) ? () => onChange(turned(filter, condition)) : undefined}
          onRemove={() => onChange(without(filter, condition.field, condition.value))}
        />
      ))}
      {filter.text !== '' && (
        <Chip text={`path contains ${filter.text}`} onRemove={() => onChange({ ...filter, text: '' })} />
      )}
      <button
        type="button"
        className="plain-button filter-clear"
        onClick={() => onChange({ ...emptyFilter, range: filter.range })}
      >
        clear all
      </button>
    </div>
  )
}

const turnable = (field: FilterField): boolean => excludable.includes(field)

const turned = (
  filter: CallFilter,
  { field, value, negative }: { field: FilterField; value: string; negative: boolean },
): CallFilter => (negative ? including(filter, field, value) : excluding(filter, field, value))

interface ChipProps {
  readonly text: string
  readonly negative?: boolean
  readonly onTurn?: (() => void) | undefined
  readonly onRemove: () => void
}

function Chip({ text, negative = false, onTurn, onRemove }: ChipProps) {
  return (
    <span className="filter-chip" data-negative={negative}>
      {onTurn === undefined ? (
        <span>{text}</span>
      ) : (
        <button
          type="button"
          className="plain-button"
          title={negative ? 'Include instead' : 'Exclude instead'}
          onClick={onTurn}
        >
          {text}
        </button>
      )}
      <button type="button" className="plain-button" aria-label={`Remove: ${text}`} onClick={onRemove}>
        <X size={13} />
      </button>
    </span>
  )
}
