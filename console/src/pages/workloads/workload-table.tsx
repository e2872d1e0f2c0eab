import { Link } from 'react-router'
import type { WorkloadView } from '../../../../src/server/api/workload.ts'
import { count } from '../../format/number.ts'
import { workloadPath } from '../../format/paths.ts'
import { workloadKind } from '../../format/workloads.ts'
import { Moment } from '../../parts/moment.tsx'

interface WorkloadTableProps {
  readonly workloads: readonly WorkloadView[]
  readonly active: number
}

export function WorkloadTable({ workloads, active }: WorkloadTableProps) {
  return (
    <table className="table cards">
      <thead>
        <tr>
          <th>Workload</th>
          <th>Kind</th>
          <th>Environment</th>
          <th>Version</th>
          <th>Reachable from</th>
          <th className="num">Events</th>
          <th>Last seen</th>
        </tr>
      </thead>
      <tbody>
        {workloads.map((workload, index) => (
          <tr key={workload.id} data-row={index} data-active={index === active}>
            <td data-label="">
              <Link to={workloadPath(workload.id)} className="endpoint-name">
                {workload.id}
              </Link>
            </td>
            <td data-label="Kind">{workloadKind(workload)}</td>
            <td data-label="Environment">{workload.environment ?? <span className="dim">not known</span>}</td>
            <td data-label="Version" className="mono">
              {workload.version ?? <span className="dim">–</span>}
            </td>
            <td data-label="Reachable from">
              {workload.exposure === undefined ? (
                <span className="dim">not known</span>
              ) : (
                <span className="chip" data-tone={workload.exposure === 'internet' ? 'warn' : undefined}>
                  {workload.exposure}
                </span>
              )}
            </td>
            <td data-label="Events" className="num">
              {count(workload.events)}
            </td>
            <td data-label="Last seen">
              <Moment at={workload.lastSeen} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
