import type { IncidentDetailView } from '../../../../src/server/api/incident.ts'
import { useIncidentData } from '../../api/incident-data.ts'
import { count, plural } from '../../format/number.ts'
import { groupObjects } from '../../format/objects.ts'
import { DataClasses } from '../../parts/data-classes.tsx'
import { Section } from '../../parts/section.tsx'
import { BlastRadius } from './blast-radius.tsx'

const mostIds = 24

/** What was reached, by object and by class of data; tried and refused is not taken. */
export function TakenSection({ incident }: { readonly incident: IncidentDetailView }) {
  const onlyTried =
    incident.signalDetails.length > 0 && incident.signalDetails.every(signal => signal.attempt)
  const { named, carried } = useIncidentData(incident)
  const groups = groupObjects(incident.objects)
  const title = onlyTried ? 'What they tried to reach' : 'What was taken'
  return (
    <Section
      title={title}
      note={incident.objectCount > 0 ? plural(incident.objectCount, 'object') : undefined}
    >
      <BlastRadius incident={incident} />
      <dl className="facts">
        <dt>Data</dt>
        <dd>
          {(named.length > 0 || carried.length === 0) && <DataClasses classes={named} most={12} />}
          {carried.length > 0 && (
            <span className="row">
              <span className="dim">what these endpoints return:</span>{' '}
              <DataClasses classes={carried} most={12} />
            </span>
          )}
        </dd>
        {groups.map(group => (
          <TakenGroup key={group.type} type={group.type} ids={group.ids} />
        ))}
      </dl>
      {groups.length === 0 && <p className="dim">No single objects could be told apart in these calls.</p>}
      {incident.objectCount > incident.objects.length && groups.length > 0 && (
        <p className="dim">
          {count(incident.objects.length)} of {count(incident.objectCount)} are kept by name.
        </p>
      )}
    </Section>
  )
}

function TakenGroup({ type, ids }: { readonly type: string; readonly ids: readonly string[] }) {
  return (
    <>
      <dt>
        {type} <span className="dim">({count(ids.length)})</span>
      </dt>
      <dd className="mono object-ids">
        {ids.slice(0, mostIds).map(id => (
          <span key={id}>{id}</span>
        ))}
        {ids.length > mostIds && <span className="dim">and {count(ids.length - mostIds)} more</span>}
      </dd>
    </>
  )
}
