import { Link } from 'react-router'
import type { CallView } from '../api/types.ts'
import { bytes } from '../format/number.ts'
import { callsPath } from '../format/paths.ts'
import { Moment } from './moment.tsx'
import { Status } from './status.tsx'

const most = 20

/** A few calls as evidence; each opens in the explorer with its request and response. */
export function CallTable({ calls }: { readonly calls: readonly CallView[] }) {
  return (
    <>
      <table className="table cards">
        <thead>
          <tr>
            <th>Time</th>
            <th>Call</th>
            <th>Status</th>
            <th className="num">Answer</th>
          </tr>
        </thead>
        <tbody>
          {calls.slice(0, most).map(call => (
            <tr key={call.id}>
              <td data-label="Time" className="nowrap">
                <Moment at={call.time} seconds />
              </td>
              <td data-label="">
                <Link to={callsPath({ ids: call.id, range: 'all', call: call.id })} className="endpoint-name">
                  <span className="method">{call.method}</span> {call.target}
                </Link>
              </td>
              <td data-label="Status">
                <Status status={call.status} />
              </td>
              <td data-label="Answer" className="num">
                {bytes(call.responseBytes)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {calls.length > most && <p className="dim">and {calls.length - most} more</p>}
    </>
  )
}
