import { Link, useNavigate } from 'react-router'
import type { IncidentView } from '../../api/types.ts'
import { incidentPath } from '../../format/paths.ts'
import { useCursor } from '../../hooks/cursor.ts'
import { useLastVisit } from '../../hooks/last-visit.ts'
import { useSteady } from '../../hooks/steady.ts'
import { Empty } from '../../parts/empty.tsx'
import { IncidentRow } from '../../parts/incident-row.tsx'
import { WaitingRows } from '../../parts/waiting-rows.tsx'

interface QueueProps {
  readonly status: string
  readonly incidents: readonly IncidentView[]
}

export function Queue({ status, incidents }: QueueProps) {
  const navigate = useNavigate()
  const before = useLastVisit('incidents')
  const { shown, waiting, settle } = useSteady(incidents, status)
  const active = useCursor(shown.length, index => {
    const incident = shown[index]
    if (incident !== undefined) navigate(incidentPath(incident.id))
  })
  if (shown.length === 0) return <NoIncidents status={status} />
  return (
    <>
      <WaitingRows count={waiting} what="incident" onShow={settle} />
      <ol className="incident-list">
        {shown.map((incident, index) => (
          <IncidentRow
            key={incident.id}
            incident={incident}
            index={index}
            active={index === active}
            isNew={before > 0 && Date.parse(incident.opened) > before}
          />
        ))}
      </ol>
    </>
  )
}

function NoIncidents({ status }: { readonly status: string }) {
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
      <p>
        An incident opens when what was seen leaves little doubt: reading what belongs to others, guessing
        passwords, using a stolen token. Single suspicions that do not add up stay signals with the{' '}
        <Link to="/principals">principal</Link> they concern.
      </p>
    </Empty>
  )
}
