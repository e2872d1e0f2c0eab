import { plural } from './number.ts'

const clock = { hour: '2-digit', minute: '2-digit', hour12: false } as const
const second = { ...clock, second: '2-digit' } as const
const day = { day: 'numeric', month: 'short' } as const
// To make a formatter costs a hundred times what it costs to use one, and tables hold hundreds of times.
const formatter = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat('en-GB', options)
const hoursAndMinutes = formatter(clock)
const withTheSeconds = formatter(second)
const thisYear = formatter(day)
const anyYear = formatter({ ...day, year: 'numeric' })
const everything = formatter({
  ...day,
  ...second,
  weekday: 'short',
  year: 'numeric',
  fractionalSecondDigits: 3,
  timeZoneName: 'short',
})

/** The zone that times are shown in: the reader's. */
export const zoneName = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone

const sameDay = (a: Date, b: Date): boolean => a.toDateString() === b.toDateString()

/**
 * A moment in the reader's zone, as short as it may be without losing the day: `14:02` today, `22 Nov, 14:02` this
 * year, `22 Nov 2025, 14:02` before. An unreadable time is given back as it came.
 */
export function shortTime(at: string, now: Date = new Date(), withSeconds = false): string {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return at
  const time = (withSeconds ? withTheSeconds : hoursAndMinutes).format(date)
  if (sameDay(date, now)) return time
  const days = date.getFullYear() === now.getFullYear() ? thisYear : anyYear
  return `${days.format(date)}, ${time}`
}

/** Everything there is to know of a moment, for the hover: weekday, milliseconds and zone, and the time in UTC. */
export function exactTime(at: string): string {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return at
  const local = everything.format(date)
  return `${local}\n${date.toISOString()}`
}

/** How long ago, to go beside a time and never instead of it. */
export function ago(at: string, now: Date = new Date()): string {
  const seconds = Math.round((now.getTime() - Date.parse(at)) / 1000)
  if (Number.isNaN(seconds)) return ''
  if (seconds < 0) return `in ${span(-seconds)}`
  return seconds < 5 ? 'just now' : `${span(seconds)} ago`
}

/** `90` is `2 minutes`: the largest unit that tells it. */
export function span(seconds: number): string {
  if (seconds < 60) return plural(Math.round(seconds), 'second')
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return plural(minutes, 'minute')
  const hours = Math.round(seconds / 3600)
  if (hours < 48) return plural(hours, 'hour')
  return plural(Math.round(seconds / 86_400), 'day')
}

/** `14:02 to 14:31`, with the day once where both fall on it. */
export function period(from: string, to: string, now: Date = new Date()): string {
  const start = new Date(from)
  const end = new Date(to)
  if (from === to) return `at ${shortTime(from, now)}`
  if (shortTime(from, now) === shortTime(to, now)) return `at ${shortTime(from, now)}`
  const until = sameDay(start, end) ? shortTime(to, end) : shortTime(to, now)
  return `${shortTime(from, now)} to ${until}`
}
