import type { Clock } from '../kit/clock.ts'
import type { CounterSet } from '../kit/counters.ts'
import type { RunningDecisionPoint } from '../sensors/decision-point.ts'
import type { Guard } from '../sensors/guard.ts'
import type { SensorId } from '../sensors/sensor-id.ts'
import type { DecisionPointsConfig } from './decision-config.ts'
import { type Wanted, wantedBy } from './hosted.ts'

/** A decision point as the thread of them all starts it. Its module is loaded only then. */
export interface DecisionPoint {
  /** As its calls are marked and its row among the sensors is called. */
  readonly id: SensorId
  /** Who asks there, in words. */
  readonly kind: string
  /** Undefined where the configuration turns it off. */
  readonly wanted: (config: DecisionPointsConfig) => Wanted | undefined
  /** @param counters Shared with the others of the thread: names say whose they are. */
  readonly start: (
    config: DecisionPointsConfig,
    guard: Guard,
    clock: Clock,
    counters: CounterSet,
  ) => Promise<RunningDecisionPoint>
}

const envoyFilter: DecisionPoint = {
  id: 'envoy-filter',
  kind: 'Envoy ext_proc and ext_authz',
  wanted: ({ envoy: { enabled } }) => wantedBy(enabled),
  start: async ({ envoy: { enabled: _, token, ...options } }, guard, clock, counters) => {
    const { EnvoyFilter } = await import('../sensors/envoy/envoy-filter.ts')
    return await EnvoyFilter.start(
      { ...options, ...(token === undefined ? {} : { token }) },
      guard,
      clock,
      counters,
    )
  },
}

const forwardAuth: DecisionPoint = {
  id: 'forward-auth',
  kind: 'Forward authentication and decision API',
  wanted: ({ forwardAuth: { enabled } }) => wantedBy(enabled),
  start: async ({ forwardAuth: { enabled: _, token, ...options } }, guard, clock, counters) => {
    const { ForwardAuth } = await import('../sensors/forward-auth/forward-auth.ts')
    return await ForwardAuth.start(
      { ...options, ...(token === undefined ? {} : { token }) },
      guard,
      clock,
      counters,
    )
  },
}

/** Every decision point but the gateway. */
export const decisionPoints: readonly DecisionPoint[] = [envoyFilter, forwardAuth]

/** Is there any to start? Without one no thread is. */
export const wantsDecisions = (config: DecisionPointsConfig): boolean =>
  decisionPoints.some(point => point.wanted(config) !== undefined)
