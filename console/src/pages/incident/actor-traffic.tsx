import { Link } from 'react-router'
import type { IncidentDetailView } from '../../../../src/server/api/incident.ts'
import { useHistogram } from '../../api/calls.ts'
import { evenBuckets } from '../../format/buckets.ts'
import { emptyFilter } from '../../format/call-filter.ts'
import { bucketMs, paramsOf } from '../../format/filter-params.ts'
import { incidentStretch } from '../../format/incident-stretch.ts'
import { principalName } from '../../format/names.ts'
import { count } from '../../format/number.ts'
import { callsPath } from '../../format/paths.ts'
import { Bars } from '../../parts/bars.tsx'

/** The first actor's calls around the incident: how it began, and that stopping them worked. */
export function ActorTraffic({ incident }: { readonly incident: IncidentDetailView }) {
  const [principal] = incident.principals
  const { since, until } = incidentStretch(incident)
  const filter = { ...emptyFilter, since, until, only: { principal: principal ?? '' } }
  const size = bucketMs(filter, until)
  const histogram = useHistogram(paramsOf(filter, until), size)
  const buckets = histogram.data?.items ?? []
  if (principal === undefined || buckets.length === 0) return null
  const refused = buckets.reduce((sum, bucket) => sum + bucket.refused, 0)
  const calls = buckets.reduce((sum, bucket) => sum + bucket.calls, 0)
  return (
    <div className="actor-traffic">
      <p>
        <Link to={callsPath({ principal, since: String(since), until: String(until) })}>
          {principalName(principal)}’s {count(calls)} calls
        </Link>{' '}
        around it{refused > 0 && `, of which ${count(refused)} were refused`}.
      </p>
      <Bars buckets={evenBuckets(buckets, { step: size, from: since, to: until })} height={56} />
    </div>
  )
}
