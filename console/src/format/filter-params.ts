import type { CallFilter, Range } from './call-filter.ts'

const rangeMs: Readonly<Record<Exclude<Range, 'all'>, number>> = {
  '15m': 15 * 60_000,
  '1h': 3_600_000,
  '24h': 86_400_000,
  '7d': 7 * 86_400_000,
}

const bucketSizes = [1, 5, 10, 30, 60, 300, 900, 1800, 3600, 10_800, 21_600, 86_400].map(
  seconds => seconds * 1000,
)

/** The stretch of time a filter means at `now`; open ends are absent. */
export function stretch(
  filter: CallFilter,
  now: number,
): { readonly since?: number; readonly until?: number } {
  if (filter.since !== undefined || filter.until !== undefined) {
    return {
      ...(filter.since === undefined ? {} : { since: filter.since }),
      ...(filter.until === undefined ? {} : { until: filter.until }),
    }
  }
  return filter.range === 'all' ? {} : { since: now - rangeMs[filter.range] }
}

/** The keys of the API's call query. */
export function paramsOf(
  filter: CallFilter,
  now: number,
): Readonly<Record<string, string | readonly string[]>> {
  const { since, until } = stretch(filter, now)
  const params: Record<string, string | readonly string[]> = { ...filter.only }
  if (filter.text !== '') params.text = filter.text
  if (since !== undefined) params.since = new Date(since).toISOString()
  if (until !== undefined) params.until = new Date(until).toISOString()
  if (filter.ids.length > 0) params.ids = filter.ids.join(',')
  for (const [field, values] of Object.entries(filter.not)) params[`not.${field}`] = values
  return params
}

/** A round size of bucket that cuts the stretch into at most 96 bars; an hour where the stretch is open. */
export function bucketMs(filter: CallFilter, now: number): number {
  const { since, until } = stretch(filter, now)
  if (since === undefined) return 3_600_000
  const length = (until ?? now) - since
  return bucketSizes.find(size => length / size <= 96) ?? 86_400_000
}

/** The stretch a chart of this filter covers: up to `now` where it has no end, from the first call where it has no start. */
export function frameOf(filter: CallFilter, now: number): { readonly from?: number; readonly to: number } {
  const { since, until } = stretch(filter, now)
  return { ...(since === undefined ? {} : { from: since }), to: until ?? now }
}
