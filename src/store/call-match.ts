import { workloadName } from '../call/workload.ts'
import { SallyportError } from '../kit/error.ts'
import type { CallQuery, StoredCall } from './ports/call-store.ts'

/** Statuses from `from` to `to`, inclusive. */
export interface StatusRange {
  readonly from: number
  readonly to: number
}

/** `404` or `4xx` as a range; anything else is refused with `usage/invalid-argument`. */
export function statusRange(status: string): StatusRange {
  if (/^[1-9]\d\d$/.test(status)) return { from: Number(status), to: Number(status) }
  if (/^[1-9]xx$/.test(status)) return { from: Number(status[0]) * 100, to: Number(status[0]) * 100 + 99 }
  throw new SallyportError('usage/invalid-argument', 'A status is three digits, or a class such as 4xx.', {
    where: 'status',
  })
}

/** What a call is searched and filtered by: the columns of the databases, the fields of the memory driver. */
export interface CallFacets {
  /** Whole milliseconds. */
  readonly time: number
  readonly id: string
  readonly endpoint: string
  readonly principal: string
  /** Empty when there is none; likewise `ip`. */
  readonly tenant: string
  readonly host: string
  readonly method: string
  /** 0 when no response was seen. */
  readonly status: number
  readonly ip: string
  readonly detectors: readonly string[]
  readonly target: string
  /** Names of the workloads at its ends, as the call tells them. */
  readonly workloads: readonly string[]
}

export function facetsOf(stored: StoredCall): CallFacets {
  const { call } = stored
  return {
    time: Math.floor(call.time),
    id: call.id,
    endpoint: stored.endpoint,
    principal: stored.principal,
    tenant: stored.tenant ?? '',
    host: call.destination.host,
    method: call.request.method,
    status: call.response?.status ?? 0,
    ip: call.source.ip ?? '',
    detectors: stored.detectors,
    target: call.request.target,
    workloads: [call.source.workload, call.destination.workload].flatMap(
      workload => (workload === undefined ? undefined : workloadName(workload)) ?? [],
    ),
  }
}

/** Whether two names may be of one workload: they are the same, or one leaves out what the other begins with. */
const isSameWorkload = (told: string, asked: string): boolean =>
  told === asked || told.endsWith(`/${asked}`) || (told.includes('/') && asked.endsWith(`/${told}`))

/** The keys of `CallFacets` that are compared as they are. */
export const exactKeys = ['endpoint', 'principal', 'tenant', 'host', 'method', 'ip'] as const

/** Most ids, and most values of one exclusion, that one query may name. */
export const largestList = 1_000

/** Refuses what no driver could answer, so that all of them refuse alike. */
export function checkQuery(query: CallQuery): void {
  if (query.status !== undefined) statusRange(query.status)
  for (const status of query.not?.status ?? []) statusRange(status)
  for (const list of [query.ids, ...Object.values(query.not ?? {})]) {
    if (list !== undefined && list.length > largestList) {
      throw new SallyportError(
        'usage/invalid-argument',
        `At most ${largestList} values can be named at once.`,
      )
    }
  }
  for (const [where, time] of [
    ['since', query.since],
    ['until', query.until],
  ] as const) {
    if (time !== undefined && !Number.isFinite(time)) {
      throw new SallyportError('usage/invalid-argument', `The time in ${where} is not a number.`, { where })
    }
  }
}

/** The bucket size in whole milliseconds, at least one; otherwise `usage/invalid-argument`. */
export function checkBucket(bucketMs: number): number {
  if (Number.isSafeInteger(bucketMs) && bucketMs >= 1) return bucketMs
  throw new SallyportError('usage/invalid-argument', 'A bucket is a whole number of milliseconds.', {
    where: 'bucketMs',
  })
}

/** A test of one call's facets against every condition of the query but its page. */
export function matcher(query: CallQuery): (facets: CallFacets) => boolean {
  checkQuery(query)
  const tests: ((facets: CallFacets) => boolean)[] = []
  const { since, until, detector, workload, ids } = query
  if (since !== undefined) tests.push(({ time }) => time >= since)
  if (until !== undefined) tests.push(({ time }) => time < until)
  if (detector !== undefined) tests.push(({ detectors }) => detectors.includes(detector))
  if (workload !== undefined)
    tests.push(({ workloads }) => workloads.some(told => isSameWorkload(told, workload)))
  if (ids !== undefined) {
    const wanted = new Set(ids)
    tests.push(({ id }) => wanted.has(id))
  }
  if (query.text !== undefined && query.text !== '') {
    const text = query.text.toLowerCase()
    tests.push(({ target }) => target.toLowerCase().includes(text))
  }
  if (query.status !== undefined) {
    const { from, to } = statusRange(query.status)
    tests.push(({ status }) => status >= from && status <= to)
  }
  for (const excluded of query.not?.status ?? []) {
    const { from, to } = statusRange(excluded)
    tests.push(({ status }) => status < from || status > to)
  }
  for (const key of exactKeys) {
    const wanted = query[key]
    if (wanted !== undefined) tests.push(facets => facets[key] === wanted)
    const excluded = query.not?.[key]
    if (excluded !== undefined && excluded.length > 0) {
      const values = new Set(excluded)
      tests.push(facets => !values.has(facets[key]))
    }
  }
  return facets => tests.every(test => test(facets))
}
