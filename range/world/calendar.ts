import type { Stream } from './stream.ts'

export const second = 1_000
export const minute = 60 * second
export const hour = 60 * minute
export const day = 24 * hour

/** Share of a day's activity by hour, local time, for somebody at leisure. */
const leisure = [2, 1, 1, 0, 0, 1, 3, 5, 6, 6, 6, 6, 7, 6, 5, 5, 6, 7, 9, 11, 12, 10, 7, 4]
/** The same for somebody at work. */
const office = [0, 0, 0, 0, 0, 0, 1, 4, 10, 14, 14, 12, 6, 10, 13, 12, 10, 6, 2, 1, 1, 1, 0, 0]

export type Rhythm = 'leisure' | 'office'

/** Weekends, holidays and the turn of the month. All in UTC: the people of a world live in one zone. */
export class Calendar {
  readonly holidays: ReadonlySet<number>

  constructor(stream: Stream, start: number, days: number) {
    const holidays = new Set<number>()
    for (let count = stream.int(1, 2); count > 0; count -= 1)
      holidays.add(dayOf(start) + stream.int(3, days - 1))
    this.holidays = holidays
  }

  isFree(time: number): boolean {
    const weekday = new Date(time).getUTCDay()
    return weekday === 0 || weekday === 6 || this.holidays.has(dayOf(time))
  }

  /** How busy a day is, 1 = an ordinary working day. A slow season of some percent runs below it. */
  busyness(time: number, rhythm: Rhythm): number {
    const season = 1 + 0.12 * Math.sin((2 * Math.PI * dayOf(time)) / 29)
    if (rhythm === 'office') return this.isFree(time) ? 0.04 : season
    const weekday = new Date(time).getUTCDay()
    return (
      season * (this.holidays.has(dayOf(time)) ? 1.5 : ([1.3, 1, 0.95, 0.95, 1, 1.1, 1.35][weekday] ?? 1))
    )
  }

  /** A moment of the day that starts at `midnight`. */
  moment(stream: Stream, midnight: number, rhythm: Rhythm): number {
    const hours = rhythm === 'office' ? office : leisure
    const chosen = stream.weighted(hours.map((weight, index) => [index, weight] as const))
    return midnight + chosen * hour + stream.int(0, hour - 1)
  }

  isMonthEnd(time: number): boolean {
    return new Date(time + day).getUTCDate() === 1
  }
}

export const dayOf = (time: number): number => Math.floor(time / day)
