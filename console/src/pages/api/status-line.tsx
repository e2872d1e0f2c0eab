import { Link } from 'react-router'
import type { EndpointView } from '../../../../src/server/api/endpoint.ts'
import { count } from '../../format/number.ts'
import { callsPath } from '../../format/paths.ts'
import { Status } from '../../parts/status.tsx'

/** How often each status was answered; each leads to its calls. */
export function StatusLine({ endpoint }: { readonly endpoint: EndpointView }) {
  const statuses = Object.entries(endpoint.statuses).sort((a, b) => b[1] - a[1])
  if (statuses.length === 0) return null
  return (
    <p className="row status-line">
      <span className="dim">Answered with</span>
      {statuses.map(([status, calls]) => (
        <Link key={status} to={callsPath({ endpoint: endpoint.id, status, range: 'all' })} className="chip">
          <Status status={Number(status)} /> {count(calls)}
        </Link>
      ))}
    </p>
  )
}
