import type { CallFilter } from '../../format/call-filter.ts'
import { fromLocalInput, toLocalInput } from '../../format/local-input.ts'

interface CustomRangeProps {
  readonly filter: CallFilter
  readonly onChange: (filter: CallFilter) => void
}

/** From and until, in the reader's zone: what a click on a bar sets can be typed as well. */
export function CustomRange({ filter, onChange }: CustomRangeProps) {
  const { since, until, ...rest } = filter
  if (since === undefined && until === undefined) return null
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  return (
    <div className="row custom-range">
      <label>
        from{' '}
        <input
          type="datetime-local"
          value={since === undefined ? '' : toLocalInput(since)}
          onChange={event => {
            const time = fromLocalInput(event.currentTarget.value)
            onChange({
              ...rest,
              ...(time === undefined ? {} : { since: time }),
              ...(until === undefined ? {} : { until }),
            })
          }}
        />
      </label>
      <label>
        until{' '}
        <input
          type="datetime-local"
          value={until === undefined ? '' : toLocalInput(until)}
          onChange={event => {
            const time = fromLocalInput(event.currentTarget.value)
            onChange({
              ...rest,
              ...(since === undefined ? {} : { since }),
              ...(time === undefined ? {} : { until: time }),
            })
          }}
        />
      </label>
      <span className="dim">{zone}</span>
    </div>
  )
}
