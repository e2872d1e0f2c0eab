import { Link } from 'react-router'
import type { DecisionDetailView } from '../../../../src/server/api/decision.ts'
import { isYoung, useDecision } from '../../api/decisions.ts'
import { insteadOf, outcome, reasonWords } from '../../format/decisions.ts'
import { fullStop, principalName, visible } from '../../format/names.ts'
import { callsPath } from '../../format/paths.ts'
import { stageName } from '../../format/rollout.ts'
import { isPolicy, PolicyName } from '../../parts/decision-table.tsx'
import { EndpointLink } from '../../parts/endpoint-link.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { Moment } from '../../parts/moment.tsx'
import { PrincipalLink } from '../../parts/principal-link.tsx'
import { SidePanel } from '../../parts/side-panel.tsx'

/** One decision and why it was made. */
export function DecisionPanel({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const decision = useDecision(id)
  return (
    <SidePanel title="Why" onClose={onClose}>
      <Loaded query={decision} doing="Loading the decision">
        {view => <Why decision={view} />}
      </Loaded>
    </SidePanel>
  )
}

function Why({ decision }: { readonly decision: DecisionDetailView }) {
  const { policyVersion, condition, facts = [], decided, quarantine } = decision
  return (
    <div className="stack decision-why">
      <p>
        <b>
          {principalName(decision.principal)}’s call {decision.acted ? 'was' : ''} {outcome(decision)}
        </b>{' '}
        by <PolicyName name={decision.policy} />. {reasonWords(decision.reason)}
      </p>
      <p>{insteadOf(decision)}</p>
      <dl className="facts">
        <dt>When</dt>
        <dd>
          <Moment at={decision.time} seconds withAgo />, with the{' '}
          {decision.phase === 'response' ? 'answer' : 'request'}
        </dd>
        <dt>Caller</dt>
        <dd>
          <PrincipalLink id={decision.principal} kind />
        </dd>
        <dt>Endpoint</dt>
        <dd>
          <EndpointLink id={decision.endpoint} />
        </dd>
        <dt>Call</dt>
        <dd>
          {decided === undefined ? (
            <span className="dim">
              {isYoung(decision) ? 'not written down yet, in a moment' : 'not kept any more'}
            </span>
          ) : (
            <Link to={callsPath({ ids: decision.call, range: 'all', call: decision.call })}>
              <span className="mono">
                {decided.method} {visible(decided.target)}
              </span>
              , answered {decided.status ?? 'not at all'}
            </Link>
          )}
        </dd>
        {isPolicy(decision.policy) && (
          <>
            <dt>Policy</dt>
            <dd>
              {policyVersion === undefined ? (
                <span className="dim">no version of that time is kept</span>
              ) : (
                <>
                  version {policyVersion.version}, {stageName(policyVersion.stage)}
                </>
              )}
            </dd>
          </>
        )}
        {quarantine.length > 0 && (
          <>
            <dt>Now</dt>
            <dd>
              {quarantine.map(entry => (
                <p key={entry.id}>
                  <Link to="/quarantine">is shut out</Link> until <Moment at={entry.expiresAt} />:{' '}
                  {fullStop(entry.reason)} By {principalName(entry.createdBy)}.
                </p>
              ))}
            </dd>
          </>
        )}
      </dl>
      {condition !== undefined && (
        <>
          <h3>Its condition</h3>
          <pre className="decision-condition">{condition}</pre>
        </>
      )}
      {facts.length > 0 && (
        <>
          <h3>What it read of the call</h3>
          <table className="table decision-facts">
            <tbody>
              {facts.map(({ name, value }) => (
                <tr key={name}>
                  <th scope="row" className="mono">
                    {name}
                  </th>
                  <td className="mono">{value}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <p className="dim">
            Told by the recorded call and what is known now: what was counted at that moment is not kept.
          </p>
        </>
      )}
      {policyVersion !== undefined && (
        <details>
          <summary>The policy as it stood then</summary>
          <pre className="decision-condition">{policyVersion.source}</pre>
        </details>
      )}
    </div>
  )
}
