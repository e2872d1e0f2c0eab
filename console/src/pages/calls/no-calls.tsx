import { Button } from '@mantine/core'
import { Link } from 'react-router'
import { type CallFilter, emptyFilter, isNarrowed } from '../../format/call-filter.ts'
import { Empty } from '../../parts/empty.tsx'

export function NoCalls({
  filter,
  onChange,
}: {
  readonly filter: CallFilter
  readonly onChange: (filter: CallFilter) => void
}) {
  const narrowed = isNarrowed(filter)
  const limited = filter.range !== 'all' || filter.since !== undefined || filter.until !== undefined
  const { since: _since, until: _until, ...open } = filter
  return (
    <Empty title={narrowed ? 'No call meets all of these conditions.' : 'No calls in this stretch of time.'}>
      <p>
        Every call that passes a sensor can be found here by who made it, where to, and what came back.
        {!limited && !narrowed && (
          <>
            {' '}
            None has come yet: <Link to="/sensors">connect a sensor</Link>.
          </>
        )}
      </p>
      <div className="row">
        {limited && (
          <Button size="xs" variant="default" onClick={() => onChange({ ...open, range: 'all' })}>
            Look at all time
          </Button>
        )}
        {narrowed && (
          <Button
            size="xs"
            variant="default"
            onClick={() => onChange({ ...emptyFilter, range: filter.range })}
          >
            Clear the conditions
          </Button>
        )}
      </div>
    </Empty>
  )
}
