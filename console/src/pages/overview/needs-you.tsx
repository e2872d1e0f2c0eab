import { Link, useNavigate } from 'react-router'
import type { IncidentView } from '../../../../src/server/api/incident.ts'
import { plural } from '../../format/number.ts'
import { incidentPath } from '../../format/paths.ts'
import { useCursor } from '../../hooks/cursor.ts'
import { useLastVisit } from '../../hooks/last-visit.ts'
import { useSteady } from '../../hooks/steady.ts'
import { Empty } from '../../parts/empty.tsx'
import { IncidentRow } from '../../parts/incident-row.tsx'
import { Section } from '../../parts/section.tsx'
import { WaitingRows } from '../../parts/waiting-rows.tsx'

export function NeedsYou({
  incidents,
  open,
}: {
  readonly incidents: readonly IncidentView[]
  readonly open: number
}) {
  const navigate = useNavigate()
  const before = useLastVisit('incidents')
  const { shown, waiting, settle } = useSteady(incidents, 'overview')
  const active = useCursor(shown.length, index => {
    const incident = shown[index]
    if (incident !== undefined) navigate(incidentPath(incident.id))
  })
  return (
    <Section
      title="Needs a decision"
      note={
        <Link to="/incidents">
          {open > shown.length ? `all ${plural(open, 'incident')}` : 'all incidents'}
        </Link>
      }
    >
      {shown.length === 0 ? (
        <Empty title="Nothing needs a decision.">
          <p>
            When someone abuses an API, with a valid token or without, the incident stands here with what
            happened, the calls that show it and a way to stop it.
          </p>
        </Empty>
      ) : (
        <>
          <WaitingRows count={waiting} what="incident" onShow={settle} />
          <ol className="incident-list">
            {shown.map((incident, index) => (
              <IncidentRow
                key={incident.id}
                incident={incident}
                index={index}
                active={index === active}
                {...(before > 0 && Date.parse(incident.opened) > before ? { change: 'new' as const } : {})}
              />
            ))}
          </ol>
        </>
      )}
    </Section>
  )
}
