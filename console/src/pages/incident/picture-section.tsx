import type { IncidentDetailView } from '../../../../src/server/api/incident.ts'
import { plural } from '../../format/number.ts'
import { Section } from '../../parts/section.tsx'
import { ActorTraffic } from './actor-traffic.tsx'
import { CallersPicture } from './callers-picture.tsx'
import { SignalProof } from './signal-proof.tsx'

/** Why this is not normal: what was measured against what is usual, and the actor among everyone who calls the same. */
export function PictureSection({ incident }: { readonly incident: IncidentDetailView }) {
  const [endpoint] = incident.endpoints
  const signals = [...incident.signalDetails].sort(
    (a, b) => b.confidence - a.confidence || a.time.localeCompare(b.time),
  )
  return (
    <Section title="Why this is not normal" note="What was observed, beside what is expected.">
      {endpoint !== undefined && incident.principals.length > 0 && (
        <CallersPicture endpoint={endpoint} actors={incident.principals} />
      )}
      <ActorTraffic incident={incident} />
      <ul className="proofs">
        {signals.slice(0, 6).map(signal => (
          <SignalProof key={signal.id} signal={signal} />
        ))}
      </ul>
      {signals.length > 6 && <p className="dim">and {plural(signals.length - 6, 'more signal')}</p>}
    </Section>
  )
}
