import type { SensorView } from '../../../src/server/api/sensor.ts'
import { count, listed, percent, plural } from './number.ts'
import { span } from './time.ts'

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

/** Offered, but nobody asked for it: no trouble. */
export const isOff = (sensor: Pick<SensorView, 'state'>): boolean => sensor.state === 'stopped'

/** It was to start by itself where it can, and could not: what it would see is missed. */
export const couldNotStart = (sensor: Pick<SensorView, 'state' | 'detail'>): boolean =>
  isOff(sensor) && sensor.detail !== undefined

const states: Readonly<Record<string, string>> = {
  degraded: 'does not see everything',
  stopped: 'off',
}

export const stateName = (sensor: Pick<SensorView, 'state' | 'detail'>): string =>
  couldNotStart(sensor) ? 'could not start' : (states[sensor.state] ?? sensor.state)

/** What it says of itself: what failed and its mend as sentences, numbers in groups. */
export const detailText = ({ detail }: Pick<SensorView, 'detail'>): string | undefined =>
  detail
    ?.replace(/\n +→ /, ' ')
    // The place is named again behind a sentence that names it already.
    .replace(/ \(([^()]+)\)/, (all, where: string, at: number) => (detail.indexOf(where) < at ? '' : all))
    .replace(/(?<![\d.:])\d{4,}(?![\d.:])/g, digits => count(Number(digits)))

const seen: Readonly<Record<string, string>> = {
  none: 'who spoke to whom, nothing of what was said',
  head: 'calls without their bodies',
  request: 'requests with their bodies, no answers',
  full: 'calls with their bodies',
}

/** How much of a call it sees; undefined where it does not say. */
export const seesText = ({ sees }: Pick<SensorView, 'sees'>): string | undefined =>
  sees === undefined ? undefined : (seen[sees] ?? sees)

/** What share of it all its sources keep. */
export const sampledText = ({ sampledShare }: Pick<SensorView, 'sampledShare'>): string | undefined =>
  sampledShare === undefined || sampledShare >= 1
    ? undefined
    : `its sources keep only ${percent(sampledShare)} of what happens`

/** How far behind it is; undefined where it keeps up. */
export const lagText = ({ lagMs }: Pick<SensorView, 'lagMs'>): string | undefined =>
  lagMs === undefined || lagMs < 1000 ? undefined : `${span(lagMs / 1000)} behind`

export type Source = NonNullable<SensorView['sources']>[number]

export const silentSources = ({ sources = [] }: Pick<SensorView, 'sources'>): readonly Source[] =>
  sources.filter(source => source.silent)

/** Whether everything is being seen, in a sentence. */
export function coverageSentence(all: readonly SensorView[]): string {
  const sensors = all.filter(sensor => !isOff(sensor))
  const unstarted = all.filter(couldNotStart)
  const missing =
    unstarted.length === 0
      ? ''
      : ` ${listed(unstarted.map(({ id }) => id))} could not start: what ${unstarted.length === 1 ? 'it' : 'they'} would see is missed.`
  if (sensors.length === 0) return `No sensor is connected: nothing is being seen.${missing}`
  const ill = sensors.filter(sensor => !isWell(sensor))
  const dropped = sensors.reduce((sum, sensor) => sum + sensor.dropped, 0)
  const events = sensors.reduce((sum, sensor) => sum + sensor.events, 0)
  // A sensor that runs and hears nothing may be one that nobody sends to.
  if (ill.length === 0 && events + dropped === 0)
    return `${sensors.length === 1 ? 'The one sensor runs and has' : `${sensors.length} sensors run and have`} heard nothing yet.${missing}`
  const silent = sensors.flatMap(silentSources).map(({ name }) => name)
  const state =
    ill.length === 0
      ? sensors.length === 1
        ? unstarted.length === 0
          ? 'The one sensor is well'
          : '1 sensor is well'
        : `${unstarted.length > 0 ? count(sensors.length) : sensors.length === 2 ? 'Both' : `All ${sensors.length}`} sensors are well`
      : `${plural(ill.length, 'sensor')} of ${sensors.length} ${ill.length === 1 ? 'needs' : 'need'} a look: ${ill.map(sensor => sensor.id).join(', ')}`
  const loss =
    dropped === 0
      ? 'nothing was dropped'
      : `${plural(dropped, 'call')} of ${plural(events + dropped, 'call')} dropped unseen`
  const quiet =
    silent.length === 0 ? '' : ` ${listed(silent, 3)} ${silent.length === 1 ? 'has' : 'have'} fallen silent.`
  return `${state}; ${loss}.${quiet}${missing}`
}

export interface Heard {
  /** The source it came from, where it has a name. */
  readonly from: string | undefined
  readonly at: string
}

/** The first event that a sensor heard after a moment; undefined while there was none. */
export function heardSince(sensor: SensorView | undefined, since: number): Heard | undefined {
  if (sensor?.lastEventAt === undefined) return undefined
  const fresh = (sensor.sources ?? []).filter(source => Date.parse(source.lastEventAt) >= since)
  const [newest] = [...fresh].sort((a, b) => (a.lastEventAt < b.lastEventAt ? 1 : -1))
  if (newest !== undefined) return { from: newest.name, at: newest.lastEventAt }
  return Date.parse(sensor.lastEventAt) >= since ? { from: undefined, at: sensor.lastEventAt } : undefined
}
