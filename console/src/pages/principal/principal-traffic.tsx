import { useState } from 'react'
import { useHistogram } from '../../api/calls.ts'
import { evenBuckets } from '../../format/buckets.ts'
import { emptyFilter } from '../../format/call-filter.ts'
import { bucketMs, frameOf, paramsOf } from '../../format/filter-params.ts'
import { Bars } from '../../parts/bars.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { Section } from '../../parts/section.tsx'

export function PrincipalTraffic({ id }: { readonly id: string }) {
  const [now] = useState(Date.now)
  const filter = { ...emptyFilter, range: '7d' as const, only: { principal: id } }
  const size = bucketMs(filter, now)
  const histogram = useHistogram(paramsOf(filter, now), size)
  return (
    <Section title="Their last 7 days">
      <Loaded query={histogram} doing="Counting their calls">
        {({ items }) =>
          items.length === 0 ? (
            <p className="dim">No calls in the last 7 days.</p>
          ) : (
            <Bars buckets={evenBuckets(items, { step: size, ...frameOf(filter, now) })} height={64} />
          )
        }
      </Loaded>
    </Section>
  )
}
