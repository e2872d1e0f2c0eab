import { useMediaQuery } from '@mantine/hooks'
import { useEndpoint } from '../../api/endpoints.ts'
import { callersSentence, logPosition } from '../../format/callers.ts'
import { endpointShort, principalName } from '../../format/names.ts'
import { count } from '../../format/number.ts'
import { EndpointLink } from '../../parts/endpoint-link.tsx'

interface CallersPictureProps {
  readonly endpoint: string
  readonly actors: readonly string[]
}

/** Everyone who calls the same endpoint as a dot on a logarithmic line, the actors marked. Needs three callers to say anything. */
export function CallersPicture({ endpoint, actors }: CallersPictureProps) {
  const detail = useEndpoint(endpoint)
  const width = useMediaQuery('(max-width: 760px)') ? 360 : 1000
  const callers = detail.data?.callers ?? []
  const marked = new Set(actors)
  if (callers.length < 3 || !callers.some(caller => marked.has(caller.principal))) return null
  const most = Math.max(...callers.map(caller => caller.calls))
  const ticks = [1, 3, 10, 30, 100, 300, 1000, 10_000, 100_000, 1_000_000].filter(
    tick => tick <= most && (width > 500 || tick % 3 !== 0),
  )
  const labelled = callers.filter(caller => marked.has(caller.principal)).slice(0, 2)
  return (
    <figure className="callers">
      <figcaption>
        {callersSentence(callers, marked)} <EndpointLink id={endpoint} />
      </figcaption>
      <svg
        viewBox={`0 0 ${width} 92`}
        width="100%"
        role="img"
        aria-label={`Calls to ${endpointShort(endpoint)} by principal`}
      >
        {ticks.map(tick => (
          <g key={tick} className="callers-tick">
            <line x1={logPosition(tick, most, width)} x2={logPosition(tick, most, width)} y1="24" y2="64" />
            <text x={logPosition(tick, most, width)} y="84" textAnchor="middle">
              {count(tick)}
            </text>
          </g>
        ))}
        <line x1="0" x2={width} y1="64" y2="64" className="callers-axis" />
        {callers.map((caller, index) => (
          <circle
            key={caller.principal}
            cx={logPosition(caller.calls, most, width)}
            cy={marked.has(caller.principal) ? 44 : 36 + ((index * 7) % 20)}
            r={marked.has(caller.principal) ? 9 : 5}
            data-actor={marked.has(caller.principal)}
          >
            <title>{`${caller.principal}: ${count(caller.calls)} calls, ${count(caller.refused)} refused`}</title>
          </circle>
        ))}
        {labelled.map((caller, index) => (
          <text
            key={caller.principal}
            className="callers-actor"
            x={Math.min(width - 10, logPosition(caller.calls, most, width) + 9)}
            y={16 + index * 14}
            textAnchor="end"
          >
            {`${principalName(caller.principal).slice(0, 40)}: ${count(caller.calls)}`}
          </text>
        ))}
      </svg>
      <p className="dim">Calls to this endpoint, one dot for each principal, on a logarithmic scale.</p>
    </figure>
  )
}
