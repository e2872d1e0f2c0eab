import { useParams } from 'react-router'
import { useIncident } from '../../api/incidents.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { PageSkeleton } from '../../parts/skeletons.tsx'
import { IncidentBody } from './incident-body.tsx'
import './incident.css'

export default function IncidentPage() {
  const { id = '' } = useParams()
  const incident = useIncident(id)
  return (
    <Loaded query={incident} doing="Loading the incident" skeleton={<PageSkeleton />}>
      {view => <IncidentBody incident={view} />}
    </Loaded>
  )
}
