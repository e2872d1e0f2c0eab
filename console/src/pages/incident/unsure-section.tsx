import type { IncidentDetailView } from '../../../../src/server/api/incident.ts'
import { Section } from '../../parts/section.tsx'

/** The doubts, said openly: what is not known, and when the same picture would be harmless. */
export function UnsureSection({ incident }: { readonly incident: IncidentDetailView }) {
  if (incident.unsure.length === 0 && incident.whenNotAnAttack.length === 0) return null
  return (
    <Section title="What Sallyport is unsure of">
      <ul className="doubts">
        {incident.unsure.map(text => (
          <li key={text}>{text}</li>
        ))}
        {incident.whenNotAnAttack.map(({ detector, text }) => (
          <li key={detector}>
            <b>When it would be harmless:</b> {text}
          </li>
        ))}
      </ul>
    </Section>
  )
}
