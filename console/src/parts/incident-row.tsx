import { Link } from 'react-router'
import type { IncidentView } from '../api/types.ts'
import { incidentSentence } from '../format/incident-title.ts'
import { dataClassName, principalName } from '../format/names.ts'
import { count, listed } from '../format/number.ts'
import { incidentPath } from '../format/paths.ts'
import { Moment } from './moment.tsx'
import { SeverityMark } from './severity-mark.tsx'
import './incident-row.css'

interface IncidentRowProps {
  readonly incident: IncidentView
  readonly index?: number
  readonly active?: boolean
  readonly isNew?: boolean
}

/** One incident of the queue: the sentence, who, what data, how sure, since when. */
export function IncidentRow({ incident, index, active = false, isNew = false }: IncidentRowProps) {
  const data = incident.dataClasses.map(dataClassName)
  return (
    <li className="incident-row" data-row={index} data-active={active} data-status={incident.status}>
      <div className="incident-row-marks">
        <SeverityMark severity={incident.severity} />
        <span className="dim" title="How serious it is altogether, 0 to 100">
          risk {count(incident.risk)}
        </span>
      </div>
      <div className="incident-row-text">
        <Link to={incidentPath(incident.id)} className="incident-row-title">
          {incidentSentence(incident.title, incident.principals)}
        </Link>
        <p className="dim">
          {isNew && <span className="chip new-mark">new since your last visit</span>}
          {incident.status !== 'open' && (
            <span className="chip" data-tone={incident.status === 'contained' ? 'good' : undefined}>
              {incident.status}
            </span>
          )}
          <span>by {listed(incident.principals.map(principalName), 2)}</span>
          {incident.objectCount > 0 && <span>{count(incident.objectCount)} objects</span>}
          {data.length > 0 && <span>{listed(data, 4)}</span>}
          <span>
            since <Moment at={incident.opened} />, last <Moment at={incident.updated} withAgo />
          </span>
        </p>
      </div>
    </li>
  )
}
