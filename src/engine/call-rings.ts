import type { Config } from './config.ts'
import { wantsDecisions } from './decision-points.ts'
import { gatewayLoops } from './gateway-loops.ts'
import { createRing, type RingMemory } from './ring.ts'
import { wantsSensors } from './sensor-starters.ts'

/** The rings that calls come to analysis over, by who writes them; absent where nobody does. */
export interface CallRings {
  /** One of each event loop. */
  readonly gateways: readonly RingMemory[]
  /** Of the decision points besides the gateway. */
  readonly decisions?: RingMemory
  /** Of the sensors beside the request path. */
  readonly sensors?: RingMemory
  /** Of the application that all this is part of: then nobody else writes any. */
  readonly application?: RingMemory
}

/** @throws SallyportError `config/invalid` where several event loops are asked for and cannot share a port */
export function createCallRings(config: Config, application: boolean): CallRings {
  const { sensors, decisionPoints, analysis, gateway } = config
  if (application) return { gateways: [], application: createRing(analysis.ringBytes) }
  const loops = gateway.upstream === undefined ? 0 : gatewayLoops(gateway.workers)
  return {
    gateways: Array.from({ length: loops }, () => createRing(analysis.ringBytes)),
    ...(wantsDecisions(decisionPoints) ? { decisions: createRing(analysis.ringBytes) } : {}),
    ...(wantsSensors(sensors) ? { sensors: createRing(sensors.ringBytes) } : {}),
  }
}

/** All of them, those of the gateway's loops first. */
export const allRings = (rings: CallRings): readonly RingMemory[] =>
  [...rings.gateways, rings.application, rings.decisions, rings.sensors].filter(ring => ring !== undefined)
