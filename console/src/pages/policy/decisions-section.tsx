import { Link } from 'react-router'
import { useDecisions } from '../../api/policies.ts'
import { callsPath } from '../../format/paths.ts'
import { EndpointLink } from '../../parts/endpoint-link.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { Moment } from '../../parts/moment.tsx'
import { PrincipalLink } from '../../parts/principal-link.tsx'
import { Section } from '../../parts/section.tsx'

export function DecisionsSection({ policy }: { readonly policy: string }) {
  const decisions = useDecisions(policy)
  return (
    <Section title="What it did last">
      <Loaded query={decisions} doing="Loading its decisions">
        {page =>
          page.items.length === 0 ? (
            <p className="dim">It has met no call yet.</p>
          ) : (
            <table className="table cards">
              <thead>
                <tr>
                  <th>Time</th>
                  <th>Did</th>
                  <th>Whom</th>
                  <th>Where</th>
                  <th>Call</th>
                </tr>
              </thead>
              <tbody>
                {page.items.map(decision => (
                  <tr key={decision.id}>
                    <td data-label="Time">
                      <Moment at={decision.time} seconds />
                    </td>
                    <td data-label="Did">
                      {decision.mode === 'shadow' ? `would have: ${decision.action}` : decision.action}
                    </td>
                    <td data-label="Whom">
                      <PrincipalLink id={decision.principal} />
                    </td>
                    <td data-label="Where">
                      <EndpointLink id={decision.endpoint} />
                    </td>
                    <td data-label="Call">
                      <Link to={callsPath({ ids: decision.call, range: 'all', call: decision.call })}>
                        look
                      </Link>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        }
      </Loaded>
    </Section>
  )
}
