import { Link } from 'react-router'
import type { SimulationView } from '../../api/types.ts'
import { count } from '../../format/number.ts'
import { callsPath } from '../../format/paths.ts'
import { simulationSentence } from '../../format/simulation.ts'
import { EndpointLink } from '../../parts/endpoint-link.tsx'
import { PrincipalLink } from '../../parts/principal-link.tsx'

/** Whom it would have touched: the answer that makes a policy believable. */
export function Simulation({ simulation }: { readonly simulation: SimulationView }) {
  return (
    <section className="simulation" aria-label="Simulation" aria-live="polite">
      <p className="simulation-sentence">{simulationSentence(simulation)}</p>
      {simulation.principals.length > 0 && (
        <table className="table cards">
          <thead>
            <tr>
              <th>Would have touched</th>
              <th className="num">Calls</th>
              <th>Part of an incident</th>
            </tr>
          </thead>
          <tbody>
            {simulation.principals.slice(0, 20).map(({ principal, calls, inIncident }) => (
              <tr key={principal}>
                <td data-label="">
                  <PrincipalLink id={principal} kind />
                </td>
                <td data-label="Calls" className="num">
                  {count(calls)}
                </td>
                <td data-label="Part of an incident">
                  {inIncident ? (
                    'yes'
                  ) : (
                    <span className="chip" data-tone="warn">
                      no: look before you enforce
                    </span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {simulation.endpoints.length > 0 && (
        <p className="dim">
          At{' '}
          {simulation.endpoints.slice(0, 5).map(({ endpoint, calls }) => (
            <span key={endpoint} className="fact">
              <EndpointLink id={endpoint} /> {count(calls)}
            </span>
          ))}
        </p>
      )}
      {simulation.examples.length > 0 && (
        <p>
          <Link to={callsPath({ ids: simulation.examples.slice(0, 50).join(','), range: 'all' })}>
            Look at examples
          </Link>
        </p>
      )}
    </section>
  )
}
