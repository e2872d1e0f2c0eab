import { Link } from 'react-router'
import type { PolicyView } from '../../../../src/server/api/policy.ts'
import { principalName } from '../../format/names.ts'
import { decisionsPath, policyPath } from '../../format/paths.ts'
import { expectedEffect, policyDoes, policyEffect } from '../../format/policies.ts'
import { Moment } from '../../parts/moment.tsx'
import { StageChip } from '../../parts/stage-chip.tsx'

export function PolicyTable({ policies }: { readonly policies: readonly PolicyView[] }) {
  return (
    <table className="table cards policy-table">
      <thead>
        <tr>
          <th>Policy</th>
          <th>Stage</th>
          <th>In the last 24 hours it</th>
          <th>Owner</th>
          <th>Ends</th>
          <th>Last change</th>
        </tr>
      </thead>
      <tbody>
        {policies.map(policy => (
          <tr key={policy.name}>
            <td data-label="">
              <span>
                <Link to={policyPath(policy.name)} className="endpoint-name">
                  {policy.name}
                </Link>
                <br />
                <span className="dim policy-does">{policyDoes(policy)}</span>
              </span>
            </td>
            <td data-label="Stage">
              <StageChip policy={policy} />
            </td>
            <td data-label="In 24 hours">
              <Effect policy={policy} />
            </td>
            <td data-label="Owner">{policy.owner ?? <span className="dim">nobody</span>}</td>
            <td data-label="Ends">
              <Ends at={policy.expiresAt} />
            </td>
            <td data-label="Last change">
              <span>
                <Moment at={policy.updatedAt} />{' '}
                <span className="dim">by {principalName(policy.updatedBy)}</span>
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Effect({ policy }: { readonly policy: PolicyView }) {
  const expected = expectedEffect(policy.rollout)
  const back = policy.rollout.rolledBack
  return (
    <span>
      {policy.effect.decisions === 0 ? (
        policyEffect(policy)
      ) : (
        <Link to={decisionsPath({ policy: policy.name })}>{policyEffect(policy)}</Link>
      )}
      {expected !== '' && (
        <>
          <br />
          <span className="dim policy-does">{expected}</span>
        </>
      )}
      {back !== undefined && (
        <>
          <br />
          <span className="policy-back">
            Went back to shadow by itself at <Moment at={back.at} />: {back.why}.
          </span>
        </>
      )}
    </span>
  )
}

function Ends({ at }: { readonly at: string | undefined }) {
  if (at === undefined) return <span className="dim">never</span>
  if (Date.parse(at) > Date.now()) return <Moment at={at} />
  return (
    <span className="chip" data-tone="warn">
      ended <Moment at={at} />
    </span>
  )
}
