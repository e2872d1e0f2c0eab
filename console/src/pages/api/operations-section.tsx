import { Link } from 'react-router'
import type { EndpointView } from '../../../../src/server/api/endpoint.ts'
import { useOperations } from '../../api/endpoints.ts'
import { count, plural } from '../../format/number.ts'
import { endpointPath } from '../../format/paths.ts'
import { carriesOperations, operationName, protocolName } from '../../format/protocols.ts'
import { DataClasses } from '../../parts/data-classes.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { RiskScore } from '../../parts/risk-score.tsx'
import { Section } from '../../parts/section.tsx'

/** Of a GraphQL, MCP or JSON-RPC endpoint: what can be asked for through it. Nothing for others. */
export function OperationsSection({ endpoint }: { readonly endpoint: EndpointView }) {
  const carries = carriesOperations(endpoint)
  const operations = useOperations(endpoint, carries)
  if (!carries || operations.data?.length === 0) return null
  return (
    <Section
      title="Operations"
      note={
        operations.data &&
        `${plural(operations.data.length, 'operation')} by ${protocolName(endpoint.protocol)}, each an endpoint of its own.`
      }
    >
      <Loaded query={operations} doing="Loading its operations">
        {items => (
          <table className="table cards">
            <thead>
              <tr>
                <th>Operation</th>
                <th>Data</th>
                <th className="num">Calls</th>
                <th className="num">Risk</th>
              </tr>
            </thead>
            <tbody>
              {[...items]
                .sort((a, b) => b.calls - a.calls)
                .map(one => (
                  <tr key={one.id}>
                    <td data-label="">
                      <Link to={endpointPath(one.id)} className="endpoint-name" title={one.id}>
                        {operationName(one.template)}
                      </Link>
                    </td>
                    <td data-label="Data">
                      <DataClasses
                        classes={[...new Set([...one.dataClasses.response, ...one.dataClasses.request])]}
                        most={3}
                      />
                    </td>
                    <td data-label="Calls" className="num">
                      {count(one.calls)}
                    </td>
                    <td data-label="Risk" className="num">
                      <RiskScore score={one.risk.score} />
                    </td>
                  </tr>
                ))}
            </tbody>
          </table>
        )}
      </Loaded>
    </Section>
  )
}
