/**
 * One coarse monotonic time for all time-outs of a gateway, so that an exchange costs no timer of its own. Late by at
 * most two intervals, never early.
 */
export class Ticker {
  readonly #timer: NodeJS.Timeout
  readonly #interval: number
  /** Monotonic milliseconds at the last tick. */
  now = performance.now()

  constructor(intervalMs: number, onTick: () => void) {
    this.#interval = intervalMs
    this.#timer = setInterval(() => {
      this.now = performance.now()
      onTick()
    }, intervalMs)
    this.#timer.unref()
  }

  /** Whether `milliseconds` have surely gone by since `time`, a value of `now`; never for 0. */
  passed(time: number, milliseconds: number): boolean {
    return milliseconds > 0 && this.now - time >= milliseconds + this.#interval
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}

/** An interval fine enough for the shortest of the time-outs, between 10 ms and a second. */
export function tickInterval(timeouts: readonly number[]): number {
  const shortest = Math.min(...timeouts.filter(timeout => timeout > 0))
  return Math.min(1_000, Math.max(10, Math.floor(shortest / 4)))
}
