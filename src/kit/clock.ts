/** Where "now" comes from. Nothing but `systemClock` reads the wall clock, so a recording replays identically. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
}

export const systemClock: Clock = { now: () => Date.now() }

/** A clock that moves only when told to: for tests, and for replay, where the call's own time is the time. */
export class ManualClock implements Clock {
  #now: number

  constructor(now = 0) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  /** Moves to `time`. Time never runs backwards: an earlier value is ignored. */
  set(time: number): void {
    if (time > this.#now) this.#now = time
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds
  }
}
