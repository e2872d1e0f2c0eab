import type { SimulationView } from '../api/types.ts'
import { principalName } from './names.ts'
import { count, listed, plural } from './number.ts'
import { period } from './time.ts'

/** What a policy would have done, and whether anyone would have been hit who is in no incident. */
export function simulationSentence(simulation: SimulationView): string {
  const { matched, principals } = simulation
  const over = `Run over ${plural(simulation.calls, 'recorded call')}`
  const time =
    simulation.from === undefined || simulation.to === undefined
      ? ''
      : `, ${period(simulation.from, simulation.to)}`
  if (simulation.calls === 0) return 'There are no recorded calls to run it over yet.'
  if (matched === 0) return `${over}${time}: it would have acted on none of them.`
  const others = principals.filter(principal => !principal.inIncident)
  const known = principals.length - others.length
  const who =
    others.length === 0
      ? `all by ${known === 1 ? 'a principal' : `${count(known)} principals`} of an incident, and nobody else`
      : `of which ${plural(
          others.reduce((sum, { calls }) => sum + calls, 0),
          'call',
        )} by ${plural(others.length, 'principal')} of no incident (${listed(
          others.map(({ principal }) => principalName(principal)),
          3,
        )})`
  return `${over}${time}: it would have acted on ${plural(matched, 'call')}, ${who}.`
}
