import type { CallBucketView } from '../../../src/server/api/call-bucket.ts'
import { count } from '../format/number.ts'
import { shortTime } from '../format/time.ts'

interface BarsProps {
  readonly buckets: readonly CallBucketView[]
  readonly height?: number
  readonly onPick?: (bucket: CallBucketView, next: CallBucketView | undefined) => void
}

/** Calls over time: accepted, refused and failed stacked. The list twin is the table behind the same filter. */
export function Bars({ buckets, height = 72, onPick }: BarsProps) {
  const most = Math.max(1, ...buckets.map(bucket => bucket.calls))
  const first = buckets[0]
  const last = buckets.at(-1)
  if (first === undefined || last === undefined) return null
  const step = 1000 / buckets.length
  const scale = (value: number): number => (value === 0 ? 0 : Math.max(1.5, (value / most) * (height - 2)))
  const total = buckets.reduce((sum, bucket) => sum + bucket.calls, 0)
  return (
    <figure className="bars">
      <svg
        viewBox={`0 0 1000 ${height}`}
        preserveAspectRatio="none"
        height={height}
        width="100%"
        role="img"
        aria-label={`${count(total)} calls between ${shortTime(first.time)} and ${shortTime(last.time)}, at most ${count(most)} in one bar`}
      >
        {buckets.map((bucket, index) => {
          const width = Math.max(1, step - Math.min(2, step * 0.2))
          const failed = scale(bucket.failed)
          const refused = scale(bucket.refused)
          const rest = Math.max(0, scale(bucket.calls) - failed - refused)
          const x = index * step
          return (
            // biome-ignore lint/a11y/noStaticElementInteractions: a shortcut by mouse; the same range can be typed.
            <g
              key={bucket.time}
              onClick={onPick && (() => onPick(bucket, buckets[index + 1]))}
              className={onPick && 'bar-pick'}
            >
              <title>{`${shortTime(bucket.time)}: ${count(bucket.calls)} calls, ${count(bucket.refused)} refused, ${count(bucket.failed)} failed`}</title>
              <rect x={x} y={0} width={step} height={height} fill="transparent" />
              <rect x={x} y={height - rest} width={width} height={rest} fill="var(--bar)" />
              <rect
                x={x}
                y={height - rest - refused}
                width={width}
                height={refused}
                fill="var(--bar-refused)"
              />
              <rect
                x={x}
                y={height - rest - refused - failed}
                width={width}
                height={failed}
                fill="var(--bar-failed)"
              />
            </g>
          )
        })}
      </svg>
      <figcaption>
        <span>{shortTime(first.time)}</span>
        <span className="bars-key">
          <i data-of="calls" /> answered <i data-of="refused" /> refused (4xx) <i data-of="failed" /> failed
          (5xx)
        </span>
        <span>{shortTime(last.time)}</span>
      </figcaption>
    </figure>
  )
}
