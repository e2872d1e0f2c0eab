import type { ContextEvent } from '../../src/call/event.ts'
import type { Workload } from '../../src/call/workload.ts'
import type { SceneStep } from '../../src/detect/graph/scene.ts'
import { TrafficClock, trafficLine } from '../../src/detect/traffic.ts'
import { callId } from '../../src/kit/id.ts'
import type { Dice } from './dice.ts'

const latest = 10_000

interface Told {
  /** When a sensor tells of it: up to ten seconds after it happened. */
  readonly at: number
  readonly order: number
  readonly step: SceneStep
}

type Without<Event> = Event extends ContextEvent ? Omit<Event, 'id' | 'time'> : never

/** Collects what happens, in any order, and gives it in the order in which sensors would tell of it. */
export class Recorder {
  readonly #told: Told[] = []
  readonly #random: Dice
  #number = 0

  constructor(random: Dice) {
    this.#random = random
  }

  event(time: number, event: Without<ContextEvent>): void {
    this.#number += 1
    const whole = { ...event, id: `e-${this.#number}`, time } as ContextEvent
    this.#tell(time + this.#random.next() * latest, { kind: 'event', event: whole })
  }

  /** @param line In the traffic language, without workloads and trace. */
  call(
    time: number,
    line: string,
    { from, to, trace }: { readonly from?: Workload; readonly to?: Workload; readonly trace?: string },
  ): void {
    const clock = new TrafficClock()
    clock.time = time
    const [traffic] = trafficLine(line, 1, clock)
    if (traffic === undefined) throw new RangeError(line)
    this.#number += 1
    const { call } = traffic
    const whole = {
      ...call,
      id: callId(`c-${this.#number}`),
      source: from === undefined ? call.source : { workload: from },
      destination: { ...call.destination, ...(to === undefined ? {} : { workload: to }) },
      ...(trace === undefined ? {} : { trace: { traceId: trace } }),
    }
    this.#tell(time + this.#random.next() * 2_000, { kind: 'call', traffic: { ...traffic, call: whole } })
  }

  holds(time: number, store: string, classes: readonly string[]): void {
    this.#tell(time, { kind: 'holds', time, store, classes })
  }

  #tell(at: number, step: SceneStep): void {
    this.#told.push({ at, order: this.#told.length, step })
  }

  steps(): readonly SceneStep[] {
    return this.#told.sort((a, b) => a.at - b.at || a.order - b.order).map(({ step }) => step)
  }
}
