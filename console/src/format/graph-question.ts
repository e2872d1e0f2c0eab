import { type SortColumn, sortColumns } from './edge-rows.ts'

/** What the graph page is asked; all of it stands in the address. */
export interface GraphQuestion {
  readonly from: string
  readonly to: string
  /** The node in the middle of the drawing. */
  readonly focus: string
  readonly depth: number
  /** A day, `2026-05-12`; empty for now. */
  readonly asOf: string
  readonly days: number | undefined
  /** What is granted but never happened counts too. */
  readonly declared: boolean
  /** Groups drawn one by one. */
  readonly open: readonly string[]
  readonly edge: string
  readonly node: string
  readonly sort: SortColumn
  readonly descending: boolean
}

export const depths = [1, 2, 3, 4] as const
export const spansOfDays = [1, 7, 30] as const

const day = /^\d{4}-\d{2}-\d{2}$/

export function questionFrom(search: URLSearchParams): GraphQuestion {
  const depth = Number(search.get('depth'))
  const days = Number(search.get('days'))
  const asOf = search.get('asOf') ?? ''
  const sort = search.get('sort') ?? ''
  const column = sortColumns.find(one => one === sort.replace(/^-/, ''))
  return {
    from: search.get('from') ?? '',
    to: search.get('to') ?? '',
    focus: search.get('focus') ?? '',
    depth: depths.find(one => one === depth) ?? 2,
    asOf: day.test(asOf) && !Number.isNaN(Date.parse(asOf)) ? asOf : '',
    days: spansOfDays.find(one => one === days),
    declared: search.get('declared') !== 'no',
    open: search.getAll('open'),
    edge: search.get('edge') ?? '',
    node: search.get('node') ?? '',
    sort: column ?? 'count',
    descending: column === undefined || sort.startsWith('-'),
  }
}

/** The last moment of a day of the address, as the API takes it; undefined for now. */
export const momentOf = (asOf: string): string | undefined =>
  asOf === '' ? undefined : `${asOf}T23:59:59.999Z`

const dayMs = 86_400_000

/** So many days before today, as it stands in the address; empty for today. */
export const dayBack = (days: number, now: number): string =>
  days <= 0 ? '' : new Date(now - days * dayMs).toISOString().slice(0, 10)

/** How many days ago a day of the address is. */
export const daysBack = (asOf: string, now: number): number =>
  asOf === ''
    ? 0
    : Math.max(
        0,
        Math.round((Date.parse(new Date(now).toISOString().slice(0, 10)) - Date.parse(asOf)) / dayMs),
      )
