import type { CommandDefinition } from '../command.ts'
import analyze from './analyze.ts'
import apis from './apis.ts'
import bypass from './bypass.ts'
import calls from './calls.ts'
import completion from './completion.ts'
import demo from './demo.ts'
import detector from './detector.ts'
import doctor from './doctor.ts'
import findings from './findings.ts'
import graph from './graph.ts'
import incidents from './incidents.ts'
import policy from './policy.ts'
import quarantine from './quarantine.ts'
import range from './range.ts'
import sensors from './sensors.ts'
import signals from './signals.ts'
import spec from './spec.ts'
import token from './token.ts'
import up from './up.ts'
import why from './why.ts'

/** Every command, in the order that help lists them. */
export const commands: readonly CommandDefinition[] = [
  demo,
  up,
  analyze,
  apis,
  incidents,
  findings,
  signals,
  detector,
  why,
  calls,
  graph,
  policy,
  quarantine,
  spec,
  sensors,
  range,
  token,
  bypass,
  doctor,
  completion,
]
