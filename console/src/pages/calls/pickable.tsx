import { Minus, Plus } from 'lucide-react'
import type { ReactNode } from 'react'
import {
  type CallFilter,
  excludable,
  excluding,
  type FilterField,
  including,
} from '../../format/call-filter.ts'

interface PickableProps {
  readonly field: FilterField
  readonly value: string | undefined
  readonly filter: CallFilter
  readonly onFilter: (filter: CallFilter) => void
  readonly children: ReactNode
}

/** A value that can be asked for or left out: the two buttons show on hover and on focus. */
export function Pickable({ field, value, filter, onFilter, children }: PickableProps) {
  if (value === undefined) return <span>{children}</span>
  return (
    <span className="pickable">
      {children}
      <span className="pickable-buttons">
        <button
          type="button"
          aria-label={`Only ${field} ${value}`}
          title={`Only this ${field}`}
          onClick={() => onFilter(including(filter, field, value))}
        >
          <Plus size={12} />
        </button>
        {excludable.includes(field) && (
          <button
            type="button"
            aria-label={`Not ${field} ${value}`}
            title={`Not this ${field}`}
            onClick={() => onFilter(excluding(filter, field, value))}
          >
            <Minus size={12} />
          </button>
        )}
      </span>
    </span>
  )
}
