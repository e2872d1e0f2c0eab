import type { RunningDecisionPoint } from '../sensors/decision-point.ts'
import type { DecisionPointsConfig } from './decision-config.ts'
import type { DecisionPoint } from './decision-points.ts'
import type { GuardLoop } from './guard-loop.ts'
import { Hosted, type Wanted } from './hosted.ts'

/** One decision point in the thread of them all. */
export class HostedDecisionPoint extends Hosted<RunningDecisionPoint> {
  readonly #drain: { ms: number }

  constructor(
    point: DecisionPoint,
    wanted: Wanted,
    config: DecisionPointsConfig,
    loop: Pick<GuardLoop, 'clock' | 'counters' | 'guardOf'>,
  ) {
    const { id, kind } = point
    const { clock, counters } = loop
    const drain = { ms: 0 }
    super({
      id,
      kind,
      wanted,
      clock,
      start: () => point.start(config, loop.guardOf(id), clock, counters),
      end: running => running.close(drain.ms),
    })
    this.#drain = drain
  }

  /** Closes it; what is under way has this long to finish. */
  drain(drainMs: number): Promise<void> {
    this.#drain.ms = drainMs
    return this.close()
  }
}
