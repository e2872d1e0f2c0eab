import { useMediaQuery } from '@mantine/hooks'
import { amount } from '../../format/amount.ts'
import { type Distribution, distributionSentence, scaleOf } from '../../format/distribution.ts'
import { principalName } from '../../format/names.ts'
import './distribution.css'

interface DistributionPictureProps {
  readonly distribution: Distribution
  readonly who: string
}

const top = 26
const floor = 74

/** What is usual as bands, as high as they are common, and this actor on the same scale. The list below says the same. */
export function DistributionPicture({ distribution, who }: DistributionPictureProps) {
  const width = useMediaQuery('(max-width: 760px)') ? 340 : 540
  const { value, unit, median, p90, p99 } = distribution
  const { at, ticks, logarithmic } = scaleOf(distribution)
  const x = (one: number): number => 4 + at(one) * (width - 8)
  const name = principalName(who)
  const bands = [
    { of: 'half', words: 'half', from: 0, to: median, height: 40 },
    { of: 'most', words: '9 in 10', from: median, to: p90, height: 26 },
    { of: 'nearly', words: '99 in 100', from: p90, to: p99, height: 12 },
  ]
  const place = x(value)
  const end = place > width / 2
  const sentence = distributionSentence(distribution, who)
  return (
    <figure className="distribution">
      <figcaption>{sentence}</figcaption>
      <svg viewBox={`0 0 ${width} 96`} role="img" aria-label={sentence}>
        {ticks.map(tick => (
          <g key={tick} className="distribution-tick">
            <line x1={x(tick)} x2={x(tick)} y1={floor} y2={floor + 4} />
            <text
              x={x(tick)}
              y={floor + 18}
              textAnchor={x(tick) < 20 ? 'start' : x(tick) > width - 24 ? 'end' : 'middle'}
            >
              {amount(tick, unit === 'bytes' || unit === 'ms' ? unit : '')}
            </text>
          </g>
        ))}
        {bands.map(({ of, from, to, height }) => (
          <rect
            key={of}
            data-band={of}
            x={x(from)}
            width={Math.max(from === to ? 0 : 1.5, x(to) - x(from))}
            y={floor - height}
            height={height}
          />
        ))}
        <line x1={4} x2={width - 4} y1={floor} y2={floor} className="distribution-floor" />
        <line x1={place} x2={place} y1={top} y2={floor} className="distribution-actor" />
        <circle cx={place} cy={top} r={6} className="distribution-actor" />
        <text
          className="distribution-name"
          x={end ? place - 12 : place + 12}
          y={top + 4}
          textAnchor={end ? 'end' : 'start'}
        >
          {`${name.slice(0, 24)}: ${amount(value, unit).slice(0, 24)}`}
        </text>
      </svg>
      <ul className="distribution-key">
        {bands.map(({ of, words, to }) => (
          <li key={of}>
            <i data-band={of} aria-hidden="true" />
            {words} up to <b>{amount(to, unit)}</b>
          </li>
        ))}
        <li>
          <i data-band="actor" aria-hidden="true" />
          {name} <b>{amount(value, unit)}</b>
        </li>
        {logarithmic && <li className="dim">logarithmic scale</li>}
      </ul>
    </figure>
  )
}
