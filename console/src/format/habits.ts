import type { HabitsView } from '../../../src/server/api/habits.ts'
import { fullStop } from './names.ts'
import { bytes, count, plural } from './number.ts'

export interface HabitPair {
  readonly what: 'calls' | 'endpoints' | 'bytes'
  readonly caption: string
  readonly usual: number
  readonly today: number
  readonly text: (value: number) => string
  /** Far beyond what is usual. */
  readonly beyond: boolean
}

/** How the newest day is called: `Today` where it is, else by its date. */
export function dayName({ today }: HabitsView, now: Date = new Date()): string {
  if (today.date === now.toISOString().slice(0, 10)) return 'Today'
  const date = new Date(`${today.date}T12:00:00Z`)
  return Number.isNaN(date.getTime())
    ? today.date
    : new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(date)
}

/** The answer first: how this day differs from their own days, or that it does not. */
export function habitsSentence(habits: HabitsView, now: Date = new Date()): string {
  const { normal, deviations, today } = habits
  const day = dayName(habits, now)
  if (normal === undefined)
    return `What is normal for them is not known yet: that takes three days with calls. ${day} they made ${plural(today.calls, 'call')} to ${plural(today.endpoints, 'endpoint')}.`
  if (today.calls === 0)
    return `${day} they have made no calls; on their ${plural(normal.days, 'day')} before it were about ${count(normal.callsPerDay)}.`
  if (deviations.length === 0) return `${day} is like their other days.`
  return deviations.map(({ text }) => fullStop(text)).join(' ')
}

/** What can be drawn side by side. */
export function habitPairs({ normal, today, deviations }: HabitsView): readonly HabitPair[] {
  if (normal === undefined) return []
  const beyond = (what: HabitPair['what']): boolean => deviations.some(one => one.what === what)
  return [
    {
      what: 'calls',
      caption: 'Calls',
      usual: normal.callsPerDay,
      today: today.calls,
      text: count,
      beyond: beyond('calls'),
    },
    {
      what: 'endpoints',
      caption: 'Different endpoints',
      usual: normal.endpoints,
      today: today.endpoints,
      text: count,
      beyond: beyond('endpoints'),
    },
    {
      what: 'bytes',
      caption: 'Data answered',
      usual: normal.bytes,
      today: today.bytes,
      text: bytes,
      beyond: beyond('bytes'),
    },
  ]
}

export interface HourCell {
  /** Of the day, in the zone that the row is in. */
  readonly hour: number
  readonly usual: boolean
  readonly today: boolean
}

/**
 * The 24 hours of a day, in the reader's zone.
 * @param offsetHours The zone's, in whole hours to the east of UTC.
 */
export function hourCells({ normal, today }: HabitsView, offsetHours: number): readonly HourCell[] {
  const usual = new Set(normal?.hours ?? [])
  const now = new Set(today.hours)
  return Array.from({ length: 24 }, (_, hour) => {
    const utc = (((hour - offsetHours) % 24) + 24) % 24
    return { hour, usual: usual.has(utc), today: now.has(utc) }
  })
}

/** `08–12 and 14`: hours as stretches. */
export function hourRanges(hours: readonly number[]): string {
  const two = (hour: number): string => String(hour).padStart(2, '0')
  const stretches: [number, number][] = []
  for (const hour of hours) {
    const last = stretches.at(-1)
    if (last !== undefined && last[1] === hour - 1) last[1] = hour
    else stretches.push([hour, hour])
  }
  return stretches.map(([from, to]) => (from === to ? two(from) : `${two(from)}–${two(to)}`)).join(', ')
}
