import { useIncidents } from '../../api/incidents.ts'
import { ranked } from '../../format/queue.ts'
import { IncidentRow } from '../../parts/incident-row.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { Section } from '../../parts/section.tsx'

/** The incidents that name them, among the latest there are. */
export function IncidentsOf({ id }: { readonly id: string }) {
  const incidents = useIncidents()
  return (
    <Section title="Incidents">
      <Loaded query={incidents} doing="Loading their incidents">
        {({ items, cursor }) => {
          const own = ranked(items.filter(({ principals }) => principals.includes(id)))
          return own.length === 0 ? (
            <p className="dim">
              {cursor === undefined
                ? 'No incident names them.'
                : `None of the latest ${items.length} incidents names them.`}
            </p>
          ) : (
            <ol className="incident-list">
              {own.map(incident => (
                <IncidentRow key={incident.id} incident={incident} />
              ))}
            </ol>
          )
        }}
      </Loaded>
    </Section>
  )
}
