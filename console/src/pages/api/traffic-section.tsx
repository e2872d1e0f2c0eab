import { useState } from 'react'
import { Link } from 'react-router'
import { useHistogram } from '../../api/calls.ts'
import { evenBuckets } from '../../format/buckets.ts'
import { emptyFilter } from '../../format/call-filter.ts'
import { bucketMs, frameOf, paramsOf } from '../../format/filter-params.ts'
import { callsPath } from '../../format/paths.ts'
import { Bars } from '../../parts/bars.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { Section } from '../../parts/section.tsx'

export function TrafficSection({ endpoint }: { readonly endpoint: string }) {
  const [now] = useState(Date.now)
  const filter = { ...emptyFilter, only: { endpoint } }
  const size = bucketMs(filter, now)
  const histogram = useHistogram(paramsOf(filter, now), size)
  return (
    <Section title="Traffic" note={<Link to={callsPath({ endpoint })}>the calls of the last 24 hours</Link>}>
      <Loaded query={histogram} doing="Counting its calls">
        {({ items }) =>
          items.length === 0 ? (
            <p className="dim">No calls in the last 24 hours.</p>
          ) : (
            <Bars buckets={evenBuckets(items, { step: size, ...frameOf(filter, now) })} height={72} />
          )
        }
      </Loaded>
    </Section>
  )
}
