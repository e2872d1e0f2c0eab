import type { CallView } from '../../../src/server/api/call.ts'
import type { CallFilter, FilterField } from './call-filter.ts'

const fieldOf = (
  call: CallView,
  field: Exclude<FilterField, 'status' | 'detector' | 'workload'>,
): string | undefined => call[field]

/** They are the same, or one leaves out what the other begins with: the cluster, the namespace. */
const isSameWorkload = (told: string, wanted: string): boolean =>
  told === wanted || told.endsWith(`/${wanted}`) || (told.includes('/') && wanted.endsWith(`/${told}`))

function meets(call: CallView, field: FilterField, wanted: string): boolean {
  if (field === 'detector') return call.detectors.includes(wanted)
  if (field === 'workload')
    return [call.callerWorkload, call.workload].some(
      told => told !== undefined && isSameWorkload(told, wanted),
    )
  if (field !== 'status') return fieldOf(call, field) === wanted
  const status = call.status === undefined ? '' : String(call.status)
  return /^[1-5]xx$/.test(wanted) ? status.startsWith(wanted.charAt(0)) : status === wanted
}

/** Whether a call of the live feed belongs to what is being looked at: the same answer as the server's query gives. */
export function matchesFilter(call: CallView, filter: CallFilter): boolean {
  if (filter.ids.length > 0 && !filter.ids.includes(call.id)) return false
  if (filter.text !== '' && !call.target.toLowerCase().includes(filter.text.toLowerCase())) return false
  const time = Date.parse(call.time)
  if (filter.since !== undefined && time < filter.since) return false
  if (filter.until !== undefined && time >= filter.until) return false
  for (const [field, wanted] of Object.entries(filter.only) as [FilterField, string][])
    if (!meets(call, field, wanted)) return false
  for (const [field, unwanted] of Object.entries(filter.not) as [FilterField, readonly string[]][])
    if (unwanted.some(value => meets(call, field, value))) return false
  return true
}
