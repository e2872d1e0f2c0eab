import type { ReactNode } from 'react'
import type { IncidentDetailView } from '../../../../src/server/api/incident.ts'
import { useCall } from '../../api/calls.ts'
import { useIncidentData } from '../../api/incident-data.ts'
import { incidentWay, incidentWayWords } from '../../format/incident-way.ts'
import { plural } from '../../format/number.ts'
import { DataClasses } from '../../parts/data-classes.tsx'
import { EndpointLink } from '../../parts/endpoint-link.tsx'
import { PrincipalLink } from '../../parts/principal-link.tsx'
import { Section } from '../../parts/section.tsx'
import { WayStrip } from '../../parts/way-strip.tsx'

/** From the actor to the data: through the graph where it goes that way, then who, with what, where and which data, left to right. */
export function PathSection({ incident }: { readonly incident: IncidentDetailView }) {
  // Lists leave credentials out; the last call that showed it has them.
  const last = useCall(incident.calls.at(-1)?.id)
  const credentials = last.data?.credentials ?? []
  const { named, carried } = useIncidentData(incident)
  const addresses = [...new Set(incident.calls.flatMap(call => (call.ip === undefined ? [] : [call.ip])))]
  const way = incidentWay(incident)
  return (
    <Section title="The way to the data">
      {way.length > 1 && (
        <div className="stack path-way">
          <p>{incidentWayWords(way)}</p>
          <WayStrip steps={way} />
        </div>
      )}
      <ol className="path">
        {(incident.principals.length > 0 || addresses.length > 0) && (
          <Stop title={incident.principals.length === 1 ? 'Actor' : 'Actors'}>
            {incident.principals.slice(0, 5).map(id => (
              <p key={id}>
                <PrincipalLink id={id} kind />
              </p>
            ))}
            {incident.principals.length > 5 && (
              <p className="dim">and {incident.principals.length - 5} more</p>
            )}
            {incident.tenants.length > 0 && (
              <p className="dim">tenant {incident.tenants.slice(0, 3).join(', ')}</p>
            )}
            {addresses.length > 0 && (
              <p className="dim">
                from{' '}
                {addresses.length === 1 ? addresses[0] : plural(addresses.length, 'address', 'addresses')}
              </p>
            )}
          </Stop>
        )}
        {credentials.length > 0 && (
          <Stop title="Credential">
            {credentials.slice(0, 3).map(credential => (
              <p key={credential.fingerprint}>
                {credential.scheme}{' '}
                <code title={credential.fingerprint}>{credential.fingerprint.slice(0, 12)}</code>
              </p>
            ))}
          </Stop>
        )}
        {incident.endpoints.length > 0 && (
          <Stop title={incident.endpoints.length === 1 ? 'Endpoint' : 'Endpoints'}>
            {incident.endpoints.slice(0, 5).map(id => (
              <p key={id}>
                <EndpointLink id={id} host />
              </p>
            ))}
            {incident.endpoints.length > 5 && <p className="dim">and {incident.endpoints.length - 5} more</p>}
          </Stop>
        )}
        {incident.workloads.length > 0 && (
          <Stop title={incident.workloads.length === 1 ? 'Workload' : 'Workloads'}>
            {incident.workloads.slice(0, 5).map(name => (
              <p key={name} className="mono">
                {name}
              </p>
            ))}
          </Stop>
        )}
        <Stop title="Data">
          {incident.objectCount > 0 && <p>{plural(incident.objectCount, 'object')}</p>}
          <DataClasses classes={[...named, ...carried]} />
        </Stop>
      </ol>
    </Section>
  )
}

function Stop({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <li className="path-stop">
      <h3>{title}</h3>
      {children}
    </li>
  )
}
