import type { SimulationSummaryView, SimulationView } from '../../../src/server/api/simulation.ts'
import { count, listed, plural } from './number.ts'
import { period } from './time.ts'

const touched = ({ stopped, amended }: { readonly stopped: number; readonly amended: number }): number =>
  stopped + amended

/** Benign calls that would be refused or changed: what must not happen. */
export const benignTouched = ({ benign }: Pick<SimulationView, 'benign'>): number => touched(benign)

/** How many calls, of which time, it would have acted on, and whose they are. */
export function simulationSentence(simulation: SimulationView): string {
  const { matched, attacks, suspect, benign, other, calls } = simulation
  if (calls === 0) return 'There are no recorded calls in this time to run it over.'
  const time =
    simulation.from === undefined || simulation.to === undefined
      ? ''
      : ` (${period(simulation.from, simulation.to)})`
  const over = `Of ${plural(calls, 'call')}${time} it would have acted on`
  const missed = attacks.missed > 0 ? ` It misses ${plural(attacks.missed, 'call')} of known attacks.` : ''
  if (matched === 0) return `${over} none.${missed}`
  const all = touched(attacks) + touched(suspect) + touched(benign) + touched(other)
  if (all === 0) return `${over} ${count(matched)}, and changed none: they are only marked.${missed}`
  const noBenign = touched(benign) === 0 ? 'no benign call' : ''
  if (touched(attacks) === matched)
    return `${over} ${count(matched)}: ${matched === 1 ? 'it is' : `all ${count(matched)} are`} evidence of ${incidentWords(attacks.incidents.length)}; no benign call.${missed}`
  const whose = [
    touched(benign) === 0 ? '' : plural(touched(benign), 'benign call'),
    touched(attacks) === 0 ? '' : `${count(touched(attacks))} of known attacks`,
    touched(suspect) === 0 ? '' : `${count(touched(suspect))} by their actors at the time`,
    touched(other) === 0 ? '' : `${count(touched(other))} that were refused or failed anyway`,
  ].filter(Boolean)
  return `${over} ${count(matched)}: ${listed([...whose, ...(noBenign === '' ? [] : [noBenign])], 6)}.${missed}`
}

const incidentWords = (incidents: number): string =>
  incidents === 1 ? 'one incident' : incidents === 0 ? 'incidents' : `${count(incidents)} incidents`

/** The same in short, of a simulation that is kept. */
export function summarySentence(simulation: SimulationSummaryView): string {
  const { calls, matched, attacks, attacksStopped, benignStopped, benignAmended } = simulation
  if (calls === 0) return 'There were no recorded calls to simulate it over.'
  const benign = benignStopped + benignAmended
  const stops =
    attacks === 0 ? '' : ` It stops ${count(attacksStopped)} of ${plural(attacks, 'call')} of known attacks.`
  const over = `Of ${plural(calls, 'call')} it would have acted on`
  if (matched === 0) return `${over} none.${stops}`
  return `${over} ${count(matched)}, ${benign === 0 ? 'none' : count(benign)} of them benign.${stops}`
}

/** The windows that are offered; `hours` of the whole recording is 0. */
export const windows = [
  { value: '1h', label: '1 hour', hours: 1 },
  { value: '24h', label: '24 hours', hours: 24 },
  { value: '7d', label: '7 days', hours: 168 },
  { value: 'all', label: 'Everything', hours: 0 },
] as const

export type SimulationWindow = (typeof windows)[number]

/** The window by the name in the address; the whole recording where it names none. */
export const windowOf = (value: string | null): SimulationWindow =>
  windows.find(one => one.value === value) ?? windows[1]
