import type { Seen } from './seen.ts'
import { dayOf, type LearningOptions } from './window.ts'

export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${grouped(count)} ${count === 1 ? noun : plural}`

/** `1,204`. */
export const grouped = (count: number): string => String(count).replace(/\B(?=(?:\d{3})+$)/g, ',')

export function daysAgo(day: number, until: number): string {
  const ago = dayOf(until) - day
  return ago <= 0 ? 'today' : ago === 1 ? 'yesterday' : `${ago} days ago`
}

/** `1,204 times on 7 of 14 days, last yesterday`. */
export function howOften({ calls, days, lastDay }: Seen, { days: window, until }: LearningOptions): string {
  if (calls === 0) return `not once in ${counted(window, 'day')}, last ${daysAgo(lastDay, until)}`
  return `${counted(calls, 'time')} on ${days} of ${counted(window, 'day')}, last ${daysAgo(lastDay, until)}`
}

/** Text that came from traffic as a comment may hold it: one line, no control characters, at most 400 characters. */
export function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to take out
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ')
  return line.length > 400 ? `${line.slice(0, 399)}…` : line
}
