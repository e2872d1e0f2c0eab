import { Link } from 'react-router'
import type { PrincipalView } from '../../../../src/server/api/principal.ts'
import { count } from '../../format/number.ts'
import { callsPath } from '../../format/paths.ts'
import { EndpointLink } from '../../parts/endpoint-link.tsx'
import { Section } from '../../parts/section.tsx'

export function EndpointsUsed({ principal }: { readonly principal: PrincipalView }) {
  return (
    <Section title="What they call">
      {principal.endpoints.length === 0 ? (
        <p className="dim">Nothing is counted yet.</p>
      ) : (
        <table className="table cards">
          <thead>
            <tr>
              <th>Endpoint</th>
              <th className="num">Calls</th>
            </tr>
          </thead>
          <tbody>
            {principal.endpoints.map(({ endpoint, calls }) => (
              <tr key={endpoint}>
                <td data-label="">
                  <EndpointLink id={endpoint} host />
                </td>
                <td data-label="Calls" className="num">
                  <Link to={callsPath({ principal: principal.id, endpoint, range: 'all' })}>
                    {count(calls)}
                  </Link>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Section>
  )
}
