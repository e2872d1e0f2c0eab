import type { SensorView } from '../../../../src/server/api/sensor.ts'
import { capital } from '../../format/names.ts'
import { count, decimal } from '../../format/number.ts'
import {
  couldNotStart,
  detailText,
  isOff,
  isWell,
  lagText,
  sampledText,
  seesText,
  stateName,
} from '../../format/sensors.ts'
import { Moment } from '../../parts/moment.tsx'
import { SourceList } from './source-list.tsx'

export function SensorTable({ sensors }: { readonly sensors: readonly SensorView[] }) {
  return (
    <table className="table cards sensors">
      <thead>
        <tr>
          <th>Sensor</th>
          <th>State</th>
          <th className="num">Events a second</th>
          <th className="num">Events</th>
          <th className="num" title="Seen, but not kept: the machine could not keep up">
            Dropped
          </th>
          <th className="num" title="Could not be read as an event">
            Unreadable
          </th>
          <th>Last event</th>
        </tr>
      </thead>
      <tbody>
        {sensors.map(sensor => (
          <tr key={sensor.id}>
            <td data-label="">
              <SensorName sensor={sensor} />
            </td>
            <td data-label="State">
              <span className="chip" data-tone={toneOf(sensor)}>
                {stateName(sensor)}
              </span>
            </td>
            <td data-label="Events a second" className="num">
              {sensor.perSecond === undefined ? <span className="dim">–</span> : decimal(sensor.perSecond)}
            </td>
            <td data-label="Events" className="num">
              {count(sensor.events)}
            </td>
            <td data-label="Dropped" className="num">
              {sensor.dropped === 0 ? <span className="dim">0</span> : <b>{count(sensor.dropped)}</b>}
            </td>
            <td data-label="Unreadable" className="num">
              {sensor.rejected === 0 ? <span className="dim">0</span> : count(sensor.rejected)}
            </td>
            <td data-label="Last event">
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

const toneOf = (sensor: SensorView): 'good' | 'warn' | 'bad' | undefined =>
  isWell(sensor) ? 'good' : couldNotStart(sensor) ? 'warn' : isOff(sensor) ? undefined : 'bad'

/** What it is, where it listens, what it sees and whom it hears. */
function SensorName({ sensor }: { readonly sensor: SensorView }) {
  const limits = [sampledText(sensor), lagText(sensor)].filter(text => text !== undefined)
  const sees = seesText(sensor)
  const detail = detailText(sensor)
  return (
    <div className="sensor-name">
      <p>
        <b>{sensor.kind === sensor.id ? sensor.id : sensor.kind}</b>{' '}
        {sensor.kind !== sensor.id && <span className="dim">{sensor.id}</span>}{' '}
        {sensor.address !== undefined && <code>{sensor.address}</code>}
      </p>
      {sees !== undefined && <p className="sensor-detail">Sees {sees}.</p>}
      {limits.length > 0 && <p className="sensor-detail sensor-limit">{capital(limits.join('; '))}.</p>}
      {detail !== undefined && (
        <p className={couldNotStart(sensor) ? 'sensor-detail sensor-limit' : 'dim sensor-detail'}>{detail}</p>
      )}
      <SourceList sensor={sensor} />
    </div>
  )
}
