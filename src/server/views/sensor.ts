import type { SensorHealth } from '../../sensors/sensor-health.ts'
import type { SensorView } from '../api/sensor.ts'
import { optional, optionalStamp } from './optional.ts'
import { stamp } from './stamp.ts'

export const sensorViewOf = (sensor: SensorHealth): SensorView => ({
  id: sensor.id,
  kind: sensor.kind,
  state: sensor.state,
  events: sensor.events,
  dropped: sensor.dropped,
  rejected: sensor.rejected,
  ...optionalStamp('lastEventAt', sensor.lastEventAt),
  ...optional('detail', sensor.detail),
  ...optional('address', sensor.address),
  ...optional('perSecond', sensor.perSecond),
  ...optional('lagMs', sensor.lagMs),
  ...optional('sampledShare', sensor.sampledShare),
  ...optional('sees', sensor.sees),
  ...(sensor.sources === undefined
    ? {}
    : { sources: sensor.sources.map(source => ({ ...source, lastEventAt: stamp(source.lastEventAt) })) }),
})
