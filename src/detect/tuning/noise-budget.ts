import { BoundedMap } from '../../kit/bounded-map.ts'
import { keptWhole } from '../../kit/snapshot.ts'
import type { Facts } from '../signal.ts'

const dayMs = 86_400_000
const weekMs = 7 * dayMs

export interface NoiseBudgetOptions {
  /** Incidents of statistical detectors a day and 1,000 endpoints, and at least, whatever the endpoints. */
  readonly perDay: number
  readonly atLeast: number
  /** Alarms of one detector and week whose scores are remembered; beyond it the oldest are forgotten. */
  readonly alarms: number
  /** Score that is never held back. */
  readonly ceiling: number
  /** A threshold rises by so much a week at most: ten percent a day. */
  readonly rise: number
}

export const defaultNoiseBudgetOptions: NoiseBudgetOptions = {
  perDay: 5,
  atLeast: 5,
  alarms: 2_000,
  ceiling: 8,
  rise: 1.95,
}

interface Book {
  threshold: number
  /** One alarm is one actor on one day: its highest score. */
  alarms: BoundedMap<string, number>
  /** Actor and signal held back → day. */
  readonly held: BoundedMap<string, number>
  why: string
}

/**
 * Keeps what statistical detectors raise within a number a day: each Monday of the epoch's weeks their thresholds are set to that quantile
 * of their own scores of the week before which would have kept within it. What is deterministic is never asked. Thresholds rise by at most
 * `rise` a week, so that somebody who makes noise to hide behind it must keep at it for weeks, and never above `ceiling`; they fall by half
 * a week when there is room again.
 */
export class NoiseBudget {
  private readonly options: NoiseBudgetOptions
  private readonly books = new Map<string, Book>()
  private week = -1

  constructor(options: Partial<NoiseBudgetOptions> = {}) {
    this.options = { ...defaultNoiseBudgetOptions, ...options }
  }

  /**
   * @param actor Who is to blame.
   * @param endpoints There are now.
   * @returns the score and the threshold it stays under; undefined where it is raised
   */
  judge(
    detector: string,
    actor: string,
    score: number,
    time: number,
    endpoints: number,
  ): { readonly score: number; readonly threshold: number } | undefined {
    this.turn(time, endpoints)
    const book = this.bookOf(detector)
    const alarm = `${actor}\0${Math.floor(time / dayMs)}`
    book.alarms.set(alarm, Math.max(book.alarms.get(alarm) ?? 0, score))
    if (score >= book.threshold) {
      book.held.delete(alarm)
      return undefined
    }
    book.held.set(alarm, Math.floor(time / dayMs))
    return { score: round(score), threshold: book.threshold }
  }

  threshold(detector: string): { readonly value: number; readonly base: number; readonly why: string } {
    const book = this.books.get(detector)
    return {
      value: book?.threshold ?? 0,
      base: 0,
      why: book?.why ?? 'Nothing is held back: a week has to pass before there is anything to go by.',
    }
  }

  /** Alarms, one for each actor and day, that were held back in the seven days before `now`. */
  held(detector: string, now: number): number {
    const since = Math.floor(now / dayMs) - 6
    let count = 0
    for (const [, day] of this.books.get(detector)?.held.entries() ?? []) if (day >= since) count += 1
    return count
  }

  private bookOf(detector: string): Book {
    const known = this.books.get(detector)
    if (known !== undefined) return known
    const book: Book = {
      threshold: 0,
      alarms: new BoundedMap(this.options.alarms),
      held: new BoundedMap(this.options.alarms),
      why: 'Nothing is held back: a week has to pass before there is anything to go by.',
    }
    this.books.set(detector, book)
    return book
  }

  private turn(time: number, endpoints: number): void {
    const week = Math.floor(time / weekMs)
    if (week <= this.week) return
    if (this.week >= 0) {
      this.adapt(endpoints)
      // Weeks of which nobody said anything give room, too.
      for (let quiet = this.week + 1; quiet < Math.min(week, this.week + 8); quiet += 1) this.adapt(endpoints)
    }
    this.week = week
  }

  private adapt(endpoints: number): void {
    const { perDay, atLeast, alarms, ceiling, rise } = this.options
    const daily = Math.max(atLeast, (perDay * endpoints) / 1_000)
    const allowed = 7 * daily
    let total = 0
    for (const book of this.books.values()) total += book.alarms.size
    const within = `the budget of ${round(daily)} a day`
    for (const book of this.books.values()) {
      const scores = [...book.alarms.entries()].map(([, score]) => score).sort((a, b) => a - b)
      book.alarms = new BoundedMap(alarms)
      if (total <= allowed) {
        book.threshold = book.threshold / 2 < 0.5 ? 0 : round(book.threshold / 2)
        book.why =
          book.threshold === 0
            ? `Nothing is held back: the last week's ${total} statistical alarms were within ${within}.`
            : `Halved: the last week's ${total} statistical alarms were within ${within}.`
        continue
      }
      if (scores.length === 0) continue
      const share = allowed / total
      const wanted = scores[Math.min(scores.length - 1, Math.floor((1 - share) * scores.length))] ?? 0
      const most = Math.min(ceiling, rise * Math.max(1, book.threshold))
      book.threshold = round(Math.min(wanted, most))
      book.why = `The last week had ${total} statistical alarms, ${within} has room for ${Math.floor(allowed)}: the highest ${Math.round(100 * share)} % of this detector's ${scores.length} scores begin at ${round(wanted)}${wanted > most ? `, and a threshold rises to no more than ${round(most)} at once` : ''}.`
    }
  }

  static {
    keptWhole(NoiseBudget, 'detect/noise-budget', 1)
  }
}

const round = (value: number): number => Math.round(value * 100) / 100

/**
 * How far a statistical finding lies from what is usual: how many times the value that 99 % stay under, or, where low is unusual, how many
 * times lower than the median; 1 where the finding does not say.
 */
export function scoreOf(observed: Facts, expected: Facts): number {
  const { value } = observed
  const { median, p99 } = expected
  if (typeof value !== 'number' || typeof p99 !== 'number') return 1
  if (typeof median === 'number' && value < median) return median / Math.max(value, median / 1_000)
  return value / Math.max(p99, typeof median === 'number' ? median : 0, 1e-9)
}
