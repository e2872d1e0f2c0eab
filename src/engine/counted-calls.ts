import type { ApiCall } from '../call/api-call.ts'
import { keptWhole } from '../kit/snapshot.ts'

/** Which calls a snapshot has counted: all up to a time, and of those after it the ones named. */
export interface CountedState {
  /** Ms since the epoch. */
  readonly upTo: number
  readonly ids: readonly string[]
}

/** Calls come at most so much later than others of their time: spans wait for their other side. */
const slackMs = 15_000
const remembered = 50_000

/**
 * Remembers the last calls that were counted, so that those read back from the store at the next start are not counted again. Holds the
 * last 50,000; where more come within 15 s, what came before them is taken as counted.
 */
export class CountedCalls {
  private readonly _ids: string[] = []
  private readonly times = new Float64Array(remembered)
  private next = 0
  private newest = Number.NEGATIVE_INFINITY
  private before: CountedState | undefined
  private named = new Set<string>()

  /** Counts a call; false where a snapshot did already. */
  count(call: ApiCall): boolean {
    const { id, time } = call
    const fresh = !this.wasCounted(id, time)
    const slot = this.next % remembered
    this.next += 1
    this._ids[slot] = id
    this.times[slot] = time
    if (time > this.newest) this.newest = time
    return fresh
  }

  /** What was counted before, from a snapshot. */
  restore(state: CountedState): void {
    this.before = state
    this.named = new Set(state.ids)
    this.newest = state.upTo
  }

  /** No recorded calls will be read any more: all that come are new. */
  end(): void {
    this.before = undefined
    this.named = new Set()
  }

  /** @param now Ms since the epoch: a call of a time to come marks nothing before it as counted. */
  state(now: number): CountedState {
    const kept = Math.min(this.next, remembered)
    const full = this.next > remembered
    // Those that were forgotten came before the oldest one that is remembered.
    const forgotten = full ? this.times[this.next % remembered]! : Number.NEGATIVE_INFINITY
    const upTo = Math.max(
      Math.min(this.newest, now) - slackMs,
      Math.min(forgotten, now),
      this.before?.upTo ?? Number.NEGATIVE_INFINITY,
    )
    const ids = new Set(this.named)
    for (let slot = 0; slot < kept; slot += 1) if (this.times[slot]! > upTo) ids.add(this._ids[slot]!)
    return { upTo: Number.isFinite(upTo) ? upTo : 0, ids: [...ids] }
  }

  private wasCounted(id: string, time: number): boolean {
    return this.before !== undefined && (time <= this.before.upTo || this.named.has(id))
  }

  static {
    keptWhole(CountedCalls, 'engine/counted-calls', 1)
  }
}
