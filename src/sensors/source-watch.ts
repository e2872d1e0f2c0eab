import { BoundedMap } from '../kit/bounded-map.ts'
import type { SourceHealth } from './sensor-health.ts'

interface Source {
  events: number
  lastAt: number
  /** Moving mean of the time between two events, ms. */
  usualMs: number
}

/** Nobody is called silent sooner. */
const leastSilenceMs = 60_000
/** Times the usual pause, after which a source is silent. */
const patience = 20
const learnedAfter = 10
const listed = 50

/** Who a sensor hears from, and who has fallen silent: not heard for twenty times its usual pause, a minute at least. Bounded. */
export class SourceWatch {
  readonly #sources: BoundedMap<string, Source>
  #perSecond = 0
  #countedAt = 0
  #counted = 0
  /** How far behind the newest event was when it came, ms. */
  lagMs = 0

  constructor(capacity = 1_000) {
    this.#sources = new BoundedMap(capacity)
  }

  /**
   * @param name Of the source; absent where it says none.
   * @param time Of the event. @param now When it came. Both in ms since the epoch.
   */
  heard(name: string | undefined, time: number, now: number): void {
    this.lagMs = Math.max(0, now - time)
    this.#counted += 1
    const span = now - this.#countedAt
    if (this.#countedAt === 0) this.#countedAt = now
    else if (span >= 10_000) {
      this.#perSecond = (this.#counted * 1000) / span
      this.#counted = 0
      this.#countedAt = now
    }
    if (name === undefined) return
    const source = this.#sources.get(name)
    if (source === undefined) {
      this.#sources.set(name, { events: 1, lastAt: now, usualMs: 0 })
      return
    }
    const pause = now - source.lastAt
    source.usualMs += (pause - source.usualMs) / Math.min(source.events, 64)
    source.events += 1
    source.lastAt = now
  }

  perSecond(now: number): number {
    const span = now - this.#countedAt
    return this.#countedAt === 0 ? 0 : span >= 10_000 ? (this.#counted * 1000) / span : this.#perSecond
  }

  /** Silent ones first, then the busiest; 50 at most. */
  sources(now: number): readonly SourceHealth[] {
    const all = [...this.#sources.entries()].map(([name, { events, lastAt, usualMs }]) => ({
      name,
      events,
      lastEventAt: lastAt,
      silent: events >= learnedAfter && now - lastAt > Math.max(leastSilenceMs, patience * usualMs),
    }))
    all.sort(
      (a, b) => Number(b.silent) - Number(a.silent) || b.events - a.events || (a.name < b.name ? -1 : 1),
    )
    return all.slice(0, listed)
  }
}
