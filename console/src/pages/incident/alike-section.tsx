import type { IncidentDetailView } from '../../../../src/server/api/incident.ts'
import { useSignals } from '../../api/signals.ts'
import { plainNames } from '../../format/plain-names.ts'
import { Loaded } from '../../parts/loaded.tsx'
import { Moment } from '../../parts/moment.tsx'
import { PrincipalLink } from '../../parts/principal-link.tsx'
import { Section } from '../../parts/section.tsx'

/** Whether anyone else did something alike: the same detector, another principal. */
export function AlikeSection({ incident }: { readonly incident: IncidentDetailView }) {
  const [detector] = incident.detectors
  const signals = useSignals({ detector: detector ?? '' }, detector !== undefined)
  if (detector === undefined) return null
  const own = new Set(incident.principals)
  return (
    <Section title="Others who did something alike">
      <Loaded query={signals} doing="Looking for others">
        {page => {
          const others = page.items.filter(signal => !own.has(signal.principal))
          if (others.length === 0)
            return <p className="dim">Nobody else. The same detector has named no other principal.</p>
          return (
            <ul className="alike">
              {others.slice(0, 8).map(signal => (
                <li key={signal.id}>
                  <PrincipalLink id={signal.principal} />
                  <span>{plainNames(signal.message, [signal.principal])}</span>
                  <span className="dim">
                    <Moment at={signal.time} />
                  </span>
                </li>
              ))}
            </ul>
          )
        }}
      </Loaded>
    </Section>
  )
}
