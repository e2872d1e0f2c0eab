/** Fields a call can be narrowed by. All but `detector` and `workload` can also be excluded. */
export const filterFields = [
  'principal',
  'endpoint',
  'method',
  'status',
  'host',
  'tenant',
  'ip',
  'detector',
  'workload',
] as const
export type FilterField = (typeof filterFields)[number]
export const excludable: readonly FilterField[] = filterFields.filter(
  field => field !== 'detector' && field !== 'workload',
)

export const ranges = ['15m', '1h', '24h', '7d', 'all'] as const
export type Range = (typeof ranges)[number]

/** What the calls explorer shows: a plain value that lives in the address. */
export interface CallFilter {
  readonly text: string
  readonly range: Range
  /** An exact stretch of time, in ms; overrides `range`. */
  readonly since?: number
  readonly until?: number
  readonly ids: readonly string[]
  readonly only: Readonly<Partial<Record<FilterField, string>>>
  readonly not: Readonly<Partial<Record<FilterField, readonly string[]>>>
}

export const emptyFilter: CallFilter = { text: '', range: '24h', ids: [], only: {}, not: {} }

/** Narrows to one value, in place of the one before. An exclusion of the same value falls. */
export function including(filter: CallFilter, field: FilterField, value: string): CallFilter {
  return { ...without(filter, field, value), only: { ...filter.only, [field]: value } }
}

/** Leaves a value out. Where the filter was narrowed to it, it no longer is. */
export function excluding(filter: CallFilter, field: FilterField, value: string): CallFilter {
  const rest = without(filter, field, value)
  return { ...rest, not: { ...rest.not, [field]: [...(rest.not[field] ?? []), value] } }
}

/** Takes one condition away, whichever way it stood. */
export function without(filter: CallFilter, field: FilterField, value: string): CallFilter {
  const only = { ...filter.only }
  if (only[field] === value) delete only[field]
  const not = { ...filter.not }
  const left = (not[field] ?? []).filter(other => other !== value)
  if (left.length > 0) not[field] = left
  else delete not[field]
  return { ...filter, only, not }
}

export const isNarrowed = (filter: CallFilter): boolean =>
  filter.text !== '' ||
  filter.ids.length > 0 ||
  Object.keys(filter.only).length > 0 ||
  Object.keys(filter.not).length > 0
