import type { IncidentDetailView } from '../../../../src/server/api/incident.ts'
import { auditSentence } from '../../format/audit.ts'
import { Moment } from '../../parts/moment.tsx'
import { Section } from '../../parts/section.tsx'

export function HistorySection({ incident }: { readonly incident: IncidentDetailView }) {
  return (
    <Section title="What people did">
      {incident.history.length === 0 ? (
        <p className="dim">Nobody has acted on this incident yet.</p>
      ) : (
        <ol className="history">
          {incident.history.map(record => (
            <li key={record.sequence}>
              <Moment at={record.time} />
              <span>{auditSentence(record)}</span>
            </li>
          ))}
        </ol>
      )}
    </Section>
  )
}
