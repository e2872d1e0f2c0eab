import {
  type CallFilter,
  emptyFilter,
  excludable,
  type FilterField,
  filterFields,
  type Range,
  ranges,
} from './call-filter.ts'

const isRange = (text: string | null): text is Range => ranges.some(range => range === text)

const moment = (text: string | null): number | undefined => {
  const value = text === null ? Number.NaN : /^\d+$/.test(text) ? Number(text) : Date.parse(text)
  return Number.isSafeInteger(value) ? value : undefined
}

/** Reads a filter from an address. Whatever is not understood is left out: addresses are typed and shortened by people. */
export function filterFrom(search: URLSearchParams): CallFilter {
  const only: Partial<Record<FilterField, string>> = {}
  const not: Partial<Record<FilterField, readonly string[]>> = {}
  for (const field of filterFields) {
    const value = search.get(field)
    if (value !== null && value !== '') only[field] = value
  }
  for (const field of excludable) {
    const values = [...new Set(search.getAll(`not.${field}`).filter(value => value !== ''))]
    if (values.length > 0) not[field] = values
  }
  const range = search.get('range')
  const since = moment(search.get('since'))
  const until = moment(search.get('until'))
  const ids = (search.get('ids') ?? '').split(',').filter(id => id !== '')
  return {
    text: search.get('text') ?? '',
    range: isRange(range) ? range : emptyFilter.range,
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ids: [...new Set(ids)],
    only,
    not,
  }
}

/** The address of a filter; what is usual is left out. `filterFrom` of it is the same filter. */
export function addressOf(filter: CallFilter): URLSearchParams {
  const search = new URLSearchParams()
  if (filter.text !== '') search.set('text', filter.text)
  if (filter.range !== emptyFilter.range) search.set('range', filter.range)
  if (filter.since !== undefined) search.set('since', String(filter.since))
  if (filter.until !== undefined) search.set('until', String(filter.until))
  if (filter.ids.length > 0) search.set('ids', filter.ids.join(','))
  for (const field of filterFields) {
    const value = filter.only[field]
    if (value !== undefined) search.set(field, value)
    for (const excluded of filter.not[field] ?? []) search.append(`not.${field}`, excluded)
  }
  return search
}
