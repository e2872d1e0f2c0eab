import { Option } from 'commander'
import { stringify } from 'yaml'
import { SallyportError } from '../kit/error.ts'
import type { Io } from './io.ts'
import { type Column, formatTable } from './table.ts'

export const formats = ['table', 'json', 'yaml'] as const
export type Format = (typeof formats)[number]

export const formatOption = (): Option =>
  new Option('--format <format>', 'how to print it').choices([...formats]).default('table')

/** A value for programs: JSON with two spaces, or YAML. */
export const formatData = (format: 'json' | 'yaml', value: unknown): string =>
  format === 'json'
    ? `${JSON.stringify(value, null, 2)}\n`
    : stringify(value, { aliasDuplicateObjects: false })

/** A list as table, JSON or YAML. What there is to say about an empty one goes to the person, not into the data. */
export function printList<Row>(
  io: Io,
  format: Format,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  whenEmpty: string,
): void {
  if (format !== 'table') io.out(formatData(format, rows))
  else if (rows.length === 0) io.say(whenEmpty)
  else io.out(formatTable(columns, rows, io.width))
}

const units: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/**
 * `24h`, `30m`, `7d`, an RFC 3339 time or epoch milliseconds, as milliseconds since the epoch.
 * @throws SallyportError `usage/invalid-argument`
 */
export function readSince(text: string, now: number, where = '--since'): number {
  const relative = /^(\d{1,6})([smhdw])$/.exec(text)
  if (relative !== null) return now - Number(relative[1]) * (units[relative[2] as string] ?? 0)
  const absolute = /^\d{11,14}$/.test(text)
    ? Number(text)
    : /^\d{4}-\d\d-\d\d/.test(text)
      ? Date.parse(text)
      : Number.NaN
  if (Number.isFinite(absolute)) return absolute
  throw new SallyportError('usage/invalid-argument', `"${text}" is not a time.`, {
    where,
    mend: 'Give a span such as 24h or 7d, or a time such as 2026-11-22T10:00:00Z.',
  })
}

/** `--limit <n>`: a whole number from 1 to a million. */
export const limitOption = (fallback: number): Option =>
  new Option('--limit <n>', 'at most this many').default(fallback).argParser(text => {
    const limit = /^\d{1,7}$/.test(text) ? Number(text) : 0
    if (limit >= 1 && limit <= 1_000_000) return limit
    throw new SallyportError('usage/invalid-argument', `"${text}" is not a number of rows.`, {
      where: '--limit',
      mend: 'Give a whole number from 1 to 1000000.',
    })
  })

/** `1 call`, `2 calls`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
