import type { IncidentView } from '../../../src/server/api/incident.ts'
import { listed, plural } from './number.ts'

type Reach = NonNullable<IncidentView['blastRadius']>

/** What came back, in a few words: `212 objects and 12 400 records of 41 tenants`. Empty where nothing did. */
export function reachedWords(reach: Reach | undefined): string {
  if (reach === undefined) return ''
  const things = [
    reach.objects > 0 ? plural(reach.objects, 'object') : '',
    reach.records > 0 ? plural(reach.records, 'record') : '',
  ].filter(Boolean)
  const whose = reach.tenants.length > 1 ? ` of ${plural(reach.tenants.length, 'tenant')}` : ''
  return things.length === 0 ? '' : `${listed(things)}${whose}`
}
