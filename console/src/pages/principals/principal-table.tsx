import type { PrincipalView } from '../../../../src/server/api/principal.ts'
import { count } from '../../format/number.ts'
import { Moment } from '../../parts/moment.tsx'
import { PrincipalLink } from '../../parts/principal-link.tsx'
import { RiskScore } from '../../parts/risk-score.tsx'

export function PrincipalTable({
  principals,
  active,
}: {
  readonly principals: readonly PrincipalView[]
  readonly active: number
}) {
  return (
    <table className="table cards">
      <thead>
        <tr>
          <th>Principal</th>
          <th>Tenant</th>
          <th>Roles</th>
          <th className="num">Calls</th>
          <th className="num">Endpoints</th>
          <th>Last seen</th>
          <th className="num">Risk</th>
        </tr>
      </thead>
      <tbody>
        {principals.map((principal, index) => (
          <tr key={principal.id} data-row={index} data-active={index === active}>
            <td data-label="">
              <PrincipalLink id={principal.id} kind />{' '}
              {principal.quarantine !== undefined && (
                <span className="chip" data-tone="good">
                  stopped
                </span>
              )}
            </td>
            <td data-label="Tenant">{principal.tenant ?? <span className="dim">–</span>}</td>
            <td data-label="Roles">
              {principal.roles.length === 0 ? <span className="dim">–</span> : principal.roles.join(', ')}
            </td>
            <td data-label="Calls" className="num">
              {count(principal.calls)}
            </td>
            <td data-label="Endpoints" className="num">
              {count(principal.endpoints.length)}
            </td>
            <td data-label="Last seen">
              <Moment at={principal.lastSeen} />
            </td>
            <td data-label="Risk" className="num">
              <RiskScore score={principal.risk} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
