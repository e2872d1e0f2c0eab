import type { PolicyView } from '../../../../src/server/api/policy.ts'
import { needed, readingWords, stageName, wantsSimulation } from '../../format/rollout.ts'
import { planSentence } from '../../format/rollout-plan.ts'
import { ago } from '../../format/time.ts'
import { Moment } from '../../parts/moment.tsx'
import { Section } from '../../parts/section.tsx'
import { StageActions } from '../../parts/stage-actions.tsx'
import { StageChip } from '../../parts/stage-chip.tsx'

/** How far it is, what it needs to go on, and what was seen of it in the last minutes. */
export function StageSection({ policy }: { readonly policy: PolicyView }) {
  const { rollout } = policy
  const wants = needed(policy)
  const seen = readingWords(rollout.effect)
  return (
    <Section title="How far it is" note={<StageChip policy={policy} />}>
      {rollout.rolledBack !== undefined && (
        <div className="problem" role="status">
          <p className="problem-title">
            It went back from {rollout.rolledBack.from} to shadow by itself at{' '}
            <Moment at={rollout.rolledBack.at} />.
          </p>
          <p>Because {rollout.rolledBack.why}.</p>
        </div>
      )}
      <p>
        At this stage since <Moment at={rollout.since} /> <span className="dim">({ago(rollout.since)})</span>.{' '}
        {rollout.next === undefined
          ? 'It acts for everybody.'
          : wants === undefined
            ? `It may go on: ${stageName(rollout.next)} is next.`
            : `Before ${stageName(rollout.next)}: ${wants}.`}
        {rollout.next !== undefined && wantsSimulation(policy) && (
          <>
            {' '}
            <a href="#simulation">Simulate it</a>.
          </>
        )}
      </p>
      {rollout.plan !== undefined && rollout.next !== undefined && (
        <p className="dim">{planSentence(rollout.plan)}</p>
      )}
      {seen !== undefined && (
        <dl className="facts">
          <dt>Whom it acts for</dt>
          <dd>{seen.acting}</dd>
          <dt>Control group</dt>
          <dd>{seen.control}</dd>
        </dl>
      )}
      <StageActions policy={policy} />
    </Section>
  )
}
