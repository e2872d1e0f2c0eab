import { Link } from 'react-router'
import type { DecisionView } from '../../../src/server/api/decision.ts'
import { outcome } from '../format/decisions.ts'
import { policyPath } from '../format/paths.ts'
import { EndpointLink } from './endpoint-link.tsx'
import { Moment } from './moment.tsx'
import { PrincipalLink } from './principal-link.tsx'
import './decision-table.css'

interface DecisionTableProps {
  readonly decisions: readonly DecisionView[]
  /** Where one is told in full. */
  readonly hrefOf: (decision: DecisionView) => string
  /** The one that is open. */
  readonly active?: string | undefined
  /** Index of the one that the keyboard is at. */
  readonly cursor?: number
  /** Names the policy, where there are several. */
  readonly withPolicy?: boolean
}

/** Decisions in lines: when, what became of the call, whose it was and where. */
export function DecisionTable({ decisions, hrefOf, active, cursor, withPolicy = false }: DecisionTableProps) {
  return (
    <table className="table cards decision-table">
      <thead>
        <tr>
          <th>Time</th>
          <th>The call</th>
          <th>Caller</th>
          <th>Endpoint</th>
          {withPolicy && <th>Policy</th>}
          <th>Why</th>
        </tr>
      </thead>
      <tbody>
        {decisions.map((decision, index) => (
          <tr key={decision.id} data-row={index} data-active={decision.id === active || index === cursor}>
            <td data-label="Time">
              <Moment at={decision.time} seconds />
            </td>
            <td data-label="The call">
              {decision.acted ? <b>{outcome(decision)}</b> : <span className="dim">{outcome(decision)}</span>}
            </td>
            <td data-label="Caller">
              <PrincipalLink id={decision.principal} />
            </td>
            <td data-label="Endpoint">
              <EndpointLink id={decision.endpoint} />
            </td>
            {withPolicy && (
              <td data-label="Policy">
                <PolicyName name={decision.policy} />
              </td>
            )}
            <td data-label="Why">
              <Link to={hrefOf(decision)} aria-label={`Why at ${decision.time}`}>
                why
              </Link>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** What decides without being a policy of its own. */
const others: Readonly<Record<string, string>> = {
  quarantine: 'the quarantine',
  'route-class': 'the class of its route',
}

/** Whether a name is that of a policy, which has versions and a condition. */
export const isPolicy = (name: string): boolean => others[name] === undefined

export function PolicyName({ name }: { readonly name: string }) {
  const other = others[name]
  return other === undefined ? (
    <Link to={policyPath(name)} className="endpoint-name">
      {name}
    </Link>
  ) : (
    <span>{other}</span>
  )
}
