import type { SimulationReport } from '../../engine/policy-desk.ts'
import type { SimulatedTouch, TouchedCalls } from '../../policy/simulation-tally.ts'
import type { StoredSimulation } from '../../store/ports/state-store.ts'
import type { SimulationSummaryView, SimulationView, TouchView } from '../api/simulation.ts'
import { stamp } from './stamp.ts'

/** What is kept of a simulation. */
export function summaryViewOf(simulation: StoredSimulation): SimulationSummaryView {
  const { hash: _, estimate: __, at, from, to, ...counts } = simulation
  return {
    ...counts,
    at: stamp(at),
    ...(from === undefined ? {} : { from: stamp(from) }),
    ...(to === undefined ? {} : { to: stamp(to) }),
  }
}

/** What a simulation just made found; `involved` are the actors of incidents. */
export function simulationViewOf({ involved, from, to, ...report }: SimulationReport): SimulationView {
  const touched = <Calls extends TouchedCalls>(calls: Calls) => ({
    ...calls,
    examples: calls.examples.map(touchViewOf),
  })
  return {
    ...report,
    ...(from === undefined ? {} : { from: stamp(from) }),
    ...(to === undefined ? {} : { to: stamp(to) }),
    principals: report.principals.map(one => ({ ...one, inIncident: involved.has(one.principal) })),
    attacks: {
      ...touched(report.attacks),
      missedExamples: report.attacks.missedExamples.map(touchViewOf),
    },
    suspect: touched(report.suspect),
    benign: touched(report.benign),
    other: touched(report.other),
  }
}

const touchViewOf = ({ time, ...touch }: SimulatedTouch): TouchView => ({ ...touch, time: stamp(time) })
