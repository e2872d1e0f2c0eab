import type { EndpointWays } from '../../format/data-ways.ts'
import { edgeId } from '../../format/edge-rows.ts'
import { endpointShort } from '../../format/names.ts'
import { steps, wayState } from '../../format/path-words.ts'
import { EndpointLink } from '../../parts/endpoint-link.tsx'
import { WayStrip } from '../../parts/way-strip.tsx'
import { WayWords } from '../../parts/way-words.tsx'

const stateName = { happened: 'happened', refused: 'always refused', granted: 'never happened' } as const
const stateTone = { happened: 'bad', refused: 'good', granted: 'warn' } as const

/** Ways that enter through one endpoint: drawn, in words, and whether they were gone. */
export function EndpointWaysSection({ group }: { readonly group: EndpointWays }) {
  const { endpoint, ways } = group
  return (
    <section
      className="section"
      aria-label={endpoint === undefined ? 'Through no known endpoint' : endpointShort(endpoint)}
    >
      <div className="section-head">
        <h2>{endpoint === undefined ? 'Through no known endpoint' : <EndpointLink id={endpoint} host />}</h2>
      </div>
      <ul className="stack" style={{ gap: 20 }}>
        {ways.map(way => {
          const state = wayState(way)
          return (
            <li key={way.edges.map(edgeId).join()} className="stack">
              <WayStrip steps={steps(way)} />
              <div className="data-way">
                <span className="chip" data-tone={stateTone[state]}>
                  {stateName[state]}
                </span>
                <WayWords way={way} />
              </div>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
