import { Link } from 'react-router'
import type { EventView } from '../../../src/server/api/event.ts'
import { incidentPath } from '../format/paths.ts'
import { Moment } from './moment.tsx'
import { NodeLink } from './node-link.tsx'
import './event-table.css'

interface EventTableProps {
  readonly events: readonly EventView[]
  /** On the workload's own page it need not be said. */
  readonly withWorkload?: boolean
}

/** Things that happened and are no calls: programs, files, connections, reads of stores, identities. */
export function EventTable({ events, withWorkload = true }: EventTableProps) {
  return (
    <table className="table cards event-table">
      <thead>
        <tr>
          <th>When</th>
          {withWorkload && <th>Workload</th>}
          <th>What happened</th>
          <th>Told by</th>
          <th>Incident</th>
        </tr>
      </thead>
      <tbody>
        {events.map(event => (
          <tr key={event.id} title={event.id}>
            <td data-label="">
              <Moment at={event.time} seconds />
            </td>
            {withWorkload && (
              <td data-label="Workload">
                <NodeLink id={`workload:${event.workload}`} />
              </td>
            )}
            <td data-label="What happened">
              <span>
                {event.what}
                {event.outcome !== undefined && event.outcome !== 'allowed' && (
                  <>
                    {' '}
                    <span className="chip">{event.outcome}</span>
                  </>
                )}
              </span>
            </td>
            <td data-label="Told by">
              <span>
                {event.source ?? <span className="dim">–</span>}
                {event.rule !== undefined && <span className="dim"> {event.rule}</span>}
              </span>
            </td>
            <td data-label="Incident">
              {event.incidents.length === 0 ? (
                <span className="dim">none</span>
              ) : (
                <span>
                  {event.incidents.slice(0, 3).map((id, index) => (
                    <Link key={id} to={incidentPath(id)}>
                      {index === 0 ? 'open the incident' : ` and ${index + 1}`}
                    </Link>
                  ))}
                </span>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
