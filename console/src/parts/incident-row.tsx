import type { CSSProperties, ReactNode } from 'react'
import { Link } from 'react-router'
import type { IncidentView } from '../../../src/server/api/incident.ts'
import { reachedWords } from '../format/blast-radius.ts'
import { incidentSentence } from '../format/incident-title.ts'
import { money } from '../format/money.ts'
import { dataClassName, principalName } from '../format/names.ts'
import { count, listed, plural } from '../format/number.ts'
import { incidentPath } from '../format/paths.ts'
import { type ChangeKind, changeWords } from '../format/queue.ts'
import { Moment } from './moment.tsx'
import { SeverityMark } from './severity-mark.tsx'
import './incident-row.css'

interface IncidentRowProps {
  readonly incident: IncidentView
  readonly index?: number
  readonly active?: boolean
  /** What has changed since the last visit. */
  readonly change?: ChangeKind
  /** Stands before the row: a box to select it by. */
  readonly lead?: ReactNode
  /** Of a long list, where the row stands in it. */
  readonly placed?: { readonly style: CSSProperties; readonly measure: (element: HTMLElement | null) => void }
}

/** One incident of the queue: the sentence, who, what was reached, what is at stake, since when. */
export function IncidentRow({ incident, index, active = false, change, lead, placed }: IncidentRowProps) {
  const data = (incident.blastRadius?.dataClasses ?? incident.dataClasses).map(dataClassName)
  const reached = reachedWords(incident.blastRadius)
  return (
    <li
      className="incident-row"
      data-row={index}
      data-index={index}
      data-active={active}
      data-status={incident.status}
      data-lead={lead !== undefined}
      ref={placed?.measure}
      style={placed?.style}
    >
      {lead}
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
          {change !== undefined && (
            <span className="chip new-mark" data-change={change}>
              {changeWords[change]}
            </span>
          )}
          {incident.status !== 'open' && (
            <span className="chip" data-tone={incident.status === 'contained' ? 'good' : undefined}>
              {incident.status}
            </span>
          )}
          {incident.principals.length > 0 && (
            <span className="incident-row-who">
              by <bdi>{listed(incident.principals.map(principalName), 2)}</bdi>
            </span>
          )}
          {reached !== '' && <span>reached {reached}</span>}
          {reached === '' && incident.objectCount > 0 && (
            <span>{plural(incident.objectCount, 'object')}</span>
          )}
          {data.length > 0 && <span>{listed(data, 4)}</span>}
          {incident.atStake !== undefined && (
            <span className="incident-row-stake">{money(incident.atStake)} at stake</span>
          )}
          <span>
            since <Moment at={incident.opened} />, last <Moment at={incident.updated} withAgo />
          </span>
        </p>
      </div>
    </li>
  )
}
