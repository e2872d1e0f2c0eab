import { Button } from '@mantine/core'
import { Link } from 'react-router'
import { useDetectors } from '../../api/detectors.ts'
import { useOverview } from '../../api/overview.ts'
import { usePrincipals } from '../../api/principals.ts'
import { watchSentence } from '../../format/watch.ts'
import { Empty } from '../../parts/empty.tsx'
import { Moment } from '../../parts/moment.tsx'

interface NoIncidentsProps {
  readonly status: string
  /** Where a filter left nothing: how to take it back. */
  readonly onClear?: () => void
}

export function NoIncidents({ status, onClear }: NoIncidentsProps) {
  if (onClear !== undefined)
    return (
      <Empty title="No incident fits all of this.">
        <Button variant="default" size="xs" onClick={onClear}>
          Clear the filter
        </Button>
      </Empty>
    )
  if (status === 'closed') return <Empty title="No incident has been closed yet." />
  if (status === 'contained') {
    return (
      <Empty title="Nobody is being stopped because of an incident.">
        <p>
          An incident is contained while the one behind it is in quarantine. It can be undone at any time.
        </p>
      </Empty>
    )
  }
  return (
    <Empty title="No open incidents.">
      <Watched />
      <p>
        An incident opens when what was seen leaves little doubt: reading what belongs to others, guessing
        passwords, using a stolen token. Single suspicions that do not add up stay signals with the{' '}
        <Link to="/principals">principal</Link> they concern; what was held back or dismissed is listed under{' '}
        <Link to="/tuning">Tuning</Link>.
      </p>
    </Empty>
  )
}

/** Quiet is only good where somebody watches: what is watched, and since when. */
function Watched() {
  const overview = useOverview().data
  const detectors = useDetectors().data?.items
  const principals = usePrincipals('').data?.items ?? []
  if (overview === undefined) return null
  const first = principals.map(({ firstSeen }) => firstSeen).sort()[0]
  return (
    <p>
      {watchSentence(overview, detectors)}
      {first !== undefined && (
        <>
          {' '}
          Since <Moment at={first} withAgo />.
        </>
      )}{' '}
      {overview.totals.calls === 0 && <Link to="/sensors">Connect a sensor</Link>}
    </p>
  )
}
