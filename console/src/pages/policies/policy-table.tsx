import { Link } from 'react-router'
import type { PolicyView } from '../../api/types.ts'
import { principalName } from '../../format/names.ts'
import { policyPath } from '../../format/paths.ts'
import { policyDoes, policyEffect } from '../../format/policies.ts'
import { Moment } from '../../parts/moment.tsx'

export function PolicyTable({ policies }: { readonly policies: readonly PolicyView[] }) {
  return (
    <table className="table cards">
      <thead>
        <tr>
          <th>Policy</th>
          <th>Mode</th>
          <th>Does</th>
          <th>In the last 24 hours it</th>
          <th>Changed</th>
        </tr>
      </thead>
      <tbody>
        {policies.map(policy => (
          <tr key={policy.name}>
            <td data-label="">
              <Link to={policyPath(policy.name)} className="endpoint-name">
                {policy.name}
              </Link>
            </td>
            <td data-label="Mode">
              <ModeChip mode={policy.mode} />
            </td>
            <td data-label="Does">{policyDoes(policy)}</td>
            <td data-label="In 24 hours">{policyEffect(policy)}</td>
            <td data-label="Changed">
              <Moment at={policy.updatedAt} />{' '}
              <span className="dim">by {principalName(policy.updatedBy)}</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

export function ModeChip({ mode }: { readonly mode: string }) {
  return (
    <span
      className="chip"
      data-tone={mode === 'enforce' ? 'good' : undefined}
      title={mode === 'enforce' ? 'Acts on calls' : 'Records what it would do, and does nothing'}
    >
      {mode}
    </span>
  )
}
