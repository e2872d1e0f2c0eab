import type { SensorView } from '../api/types.ts'
import { plural } from './number.ts'

const well = new Set([
  'ok',
  'up',
  'running',
  'listening',
  'healthy',
  'idle',
  'done',
  'ready',
  'active',
  'connected',
])

export const isWell = (sensor: Pick<SensorView, 'state'>): boolean => well.has(sensor.state)

/** Whether everything is being seen, in a sentence. */
export function coverageSentence(sensors: readonly SensorView[]): string {
  if (sensors.length === 0) return 'No sensor is connected: nothing is being seen.'
  const ill = sensors.filter(sensor => !isWell(sensor))
  const dropped = sensors.reduce((sum, sensor) => sum + sensor.dropped, 0)
  const events = sensors.reduce((sum, sensor) => sum + sensor.events, 0)
  const state =
    ill.length === 0
      ? sensors.length === 1
        ? 'The one sensor is well'
        : `All ${sensors.length} sensors are well`
      : `${plural(ill.length, 'sensor')} of ${sensors.length} ${ill.length === 1 ? 'needs' : 'need'} a look: ${ill.map(sensor => sensor.id).join(', ')}`
  const loss =
    dropped === 0
      ? 'nothing was dropped'
      : `${plural(dropped, 'call')} of ${plural(events + dropped, 'call')} dropped unseen`
  return `${state}; ${loss}.`
}
