import { Link } from 'react-router'
import type { PolicyView } from '../../../../src/server/api/policy.ts'
import { policyPath } from '../../format/paths.ts'
import { expectedEffect, policyDoes, policyEffect } from '../../format/policies.ts'
import { needed, readingWords, stageName, wantsSimulation } from '../../format/rollout.ts'
import { ago } from '../../format/time.ts'
import { Moment } from '../../parts/moment.tsx'
import { StageActions } from '../../parts/stage-actions.tsx'

/** One policy on the board: how long it is there, what it needs, and what was seen of it. */
export function RolloutCard({ policy }: { readonly policy: PolicyView }) {
  const { rollout } = policy
  const wants = needed(policy)
  const seen = readingWords(rollout.effect)
  const expected = expectedEffect(rollout)
  return (
    <article className="board-card" aria-label={policy.name}>
      <h3>
        <Link to={policyPath(policy.name)} className="endpoint-name">
          {policy.name}
        </Link>
      </h3>
      <p className="dim">
        {policyDoes(policy)}; here since <Moment at={rollout.since} /> ({ago(rollout.since)})
      </p>
      {rollout.rolledBack !== undefined && (
        <p className="board-back">
          Went back from {rollout.rolledBack.from} by itself at <Moment at={rollout.rolledBack.at} />:{' '}
          {rollout.rolledBack.why}.
        </p>
      )}
      <p>
        In 24 hours it {policyEffect(policy)}
        {expected === '' ? '.' : ` (${expected}).`}
      </p>
      {seen !== undefined && (
        <dl className="board-seen">
          <dt>Acts for</dt>
          <dd>{seen.acting}</dd>
          <dt>Control</dt>
          <dd>{seen.control}</dd>
        </dl>
      )}
      {rollout.next !== undefined && (
        <p>
          {wants === undefined ? (
            <b>May go on to {stageName(rollout.next)}.</b>
          ) : (
            <>
              Before {stageName(rollout.next)}: {wants}.
              {wantsSimulation(policy) && (
                <>
                  {' '}
                  <Link to={`${policyPath(policy.name)}#simulation`}>Simulate it</Link>.
                </>
              )}
            </>
          )}
        </p>
      )}
      <StageActions policy={policy} compact />
    </article>
  )
}
