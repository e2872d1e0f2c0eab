import type { SensorView } from '../../../../src/server/api/sensor.ts'
import { count, plural } from '../../format/number.ts'
import { silentSources } from '../../format/sensors.ts'
import { Moment } from '../../parts/moment.tsx'

/** Whom a sensor hears, and who has fallen silent. */
export function SourceList({ sensor }: { readonly sensor: SensorView }) {
  const { sources = [] } = sensor
  if (sources.length === 0) return null
  const silent = silentSources(sensor)
  return (
    <details className="source-list" open={silent.length > 0}>
      <summary>
        {silent.length === 0
          ? `Hears ${plural(sources.length, 'source')}`
          : `Hears ${plural(sources.length - silent.length, 'source')}; ${`${silent.length} ${silent.length === 1 ? 'has' : 'have'}`} fallen silent`}
      </summary>
      <ul>
        {sources.map(source => (
          <li key={source.name}>
            <span className="mono">{source.name}</span>
            {source.silent && (
              <span className="chip" data-tone="warn">
                silent
              </span>
            )}
            <span className="dim">
              {count(source.events)}, last <Moment at={source.lastEventAt} seconds />
            </span>
          </li>
        ))}
      </ul>
    </details>
  )
}
