import { useState } from 'react'
import { Link } from 'react-router'
import type { CallView } from '../../../src/server/api/call.ts'
import { bytes } from '../format/number.ts'
import { callsPath } from '../format/paths.ts'
import { Moment } from './moment.tsx'
import { Status } from './status.tsx'
import './call-table.css'

/** Shown at first; the rest is one click away. */
const few = 8

/** A few calls as evidence; each opens in the explorer with its request and response. */
export function CallTable({ calls }: { readonly calls: readonly CallView[] }) {
  const [all, setAll] = useState(calls.length <= few + 2)
  const shown = all ? calls : calls.slice(0, few)
  return (
    <>
      <table className="table call-table">
        <thead>
          <tr>
            <th>Time</th>
            <th>Call</th>
            <th>Status</th>
            <th className="num">Answer</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(call => (
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
      {!all && (
        <p>
          <button
            type="button"
            className="plain-button call-table-more no-print"
            onClick={() => setAll(true)}
          >
            show the other {calls.length - few}
          </button>
        </p>
      )}
    </>
  )
}
