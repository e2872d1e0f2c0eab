import type { SensorView } from '../../api/types.ts'
import { count } from '../../format/number.ts'
import { isWell } from '../../format/sensors.ts'
import { Moment } from '../../parts/moment.tsx'

export function SensorTable({ sensors }: { readonly sensors: readonly SensorView[] }) {
  return (
    <table className="table cards">
      <thead>
        <tr>
          <th>Sensor</th>
          <th>State</th>
          <th className="num">Calls seen</th>
          <th className="num" title="Seen, but not kept: the machine could not keep up">
            Dropped
          </th>
          <th className="num" title="Could not be read as a call">
            Unreadable
          </th>
          <th>Last call</th>
        </tr>
      </thead>
      <tbody>
        {sensors.map(sensor => (
          <tr key={sensor.id}>
            <td data-label="">
              <b>{sensor.id}</b> {sensor.kind !== sensor.id && <span className="dim">{sensor.kind}</span>}
              {sensor.detail !== undefined && <p className="dim sensor-detail">{sensor.detail}</p>}
            </td>
            <td data-label="State">
              <span className="chip" data-tone={isWell(sensor) ? 'good' : 'bad'}>
                {sensor.state}
              </span>
            </td>
            <td data-label="Calls seen" className="num">
              {count(sensor.events)}
            </td>
            <td data-label="Dropped" className="num">
              {sensor.dropped === 0 ? <span className="dim">0</span> : <b>{count(sensor.dropped)}</b>}
            </td>
            <td data-label="Unreadable" className="num">
              {sensor.rejected === 0 ? <span className="dim">0</span> : count(sensor.rejected)}
            </td>
            <td data-label="Last call">
              {sensor.lastEventAt === undefined ? (
                <span className="dim">none yet</span>
              ) : (
                <Moment at={sensor.lastEventAt} seconds withAgo />
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
