import type { Clock } from '../kit/clock.ts'
import type { ContextSink, RunningSensor } from '../sensors/context-sensor.ts'
import type { SensorHealth } from '../sensors/sensor-health.ts'
import { Hosted, type Wanted } from './hosted.ts'
import type { SensorsConfig } from './sensor-config.ts'
import type { SensorStarter } from './sensor-starters.ts'

/** Of an event beyond the present, ms: more than clocks differ by. It would make everything else look old. */
const aheadMs = 300_000

/** Where sensors put what they see; false when there was no room. */
export interface SensorRing {
  write(exchange: Parameters<ContextSink['call']>[0]): boolean
  writeEvent(event: Parameters<ContextSink['event']>[0]): boolean
}

/**
 * One sensor beside the request path. What it hands on is marked with its id, where nobody marked it before; what does not fit in the
 * ring, or is of a time to come, is dropped and counted.
 */
export class HostedSensor extends Hosted<RunningSensor> {
  readonly #left: { dropped: number; ahead: number }

  constructor(
    starter: SensorStarter,
    wanted: Wanted,
    parts: { readonly config: SensorsConfig; readonly clock: Clock; readonly ring: SensorRing },
  ) {
    const { clock, config, ring } = parts
    const { id, kind } = starter
    const left = { dropped: 0, ahead: 0 }
    const fits = (time: number): boolean => {
      if (time <= clock.now() + aheadMs) return true
      left.ahead += 1
      return false
    }
    const sink: ContextSink = {
      call: exchange => {
        if (fits(exchange.time) && !ring.write({ sensor: id, ...exchange })) left.dropped += 1
      },
      event: event => {
        if (!fits(event.time)) return
        const marked = event.type === 'access' ? { sensor: id, ...event } : event
        if (!ring.writeEvent(marked)) left.dropped += 1
      },
    }
    super({
      id,
      kind,
      wanted,
      clock,
      start: () => starter.start(sink, clock, config),
      end: running => running.close(),
    })
    this.#left = left
  }

  override health(now: number): SensorHealth {
    const own = super.health(now)
    const { dropped, ahead } = this.#left
    return {
      ...own,
      dropped: own.dropped + dropped,
      rejected: own.rejected + ahead,
      ...(ahead === 0
        ? {}
        : {
            detail: `${own.detail ?? ''} ${ahead} events were of a time to come: check the clocks.`.trim(),
          }),
    }
  }
}
