import type { EndpointView } from '../../../../src/server/api/endpoint.ts'
import { endpointConcern } from '../../format/endpoint.ts'
import { EndpointLink } from '../../parts/endpoint-link.tsx'
import { Moment } from '../../parts/moment.tsx'
import { RiskScore } from '../../parts/risk-score.tsx'
import './endpoint-list.css'

interface EndpointListProps {
  readonly endpoints: readonly EndpointView[]
  readonly show: 'age' | 'risk'
  readonly empty: string
}

export function EndpointList({ endpoints, show, empty }: EndpointListProps) {
  if (endpoints.length === 0) return <p className="dim">{empty}</p>
  return (
    <ul className="endpoint-list">
      {endpoints.slice(0, 6).map(endpoint => (
        <li key={endpoint.id}>
          <div>
            <EndpointLink id={endpoint.id} />
            <p className="dim">{endpointConcern(endpoint)}</p>
          </div>
          <span className="num">
            {show === 'age' ? <Moment at={endpoint.firstSeen} /> : <RiskScore score={endpoint.risk.score} />}
          </span>
        </li>
      ))}
    </ul>
  )
}
