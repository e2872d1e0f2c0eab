import { Button } from '@mantine/core'
import { FlaskConical } from 'lucide-react'
import type { PolicyView } from '../../../../src/server/api/policy.ts'
import { useSimulate } from '../../api/policies.ts'
import { withMode } from '../../format/policy-source.ts'
import { summarySentence, windowOf, windows } from '../../format/simulation.ts'
import { useAddress } from '../../hooks/address.ts'
import { useMayAct } from '../../hooks/may-act.ts'
import { Choice } from '../../parts/choice.tsx'
import { Moment } from '../../parts/moment.tsx'
import { ProblemNote } from '../../parts/problem-note.tsx'
import { Section } from '../../parts/section.tsx'
import { Lines } from '../../parts/skeletons.tsx'
import { SimulationResult } from './simulation-result.tsx'

interface SimulationSectionProps {
  readonly source: string
  readonly valid: boolean
  /** As it is stored; absent while it is new. */
  readonly policy: PolicyView | undefined
  /** The text is another than what is stored. */
  readonly changed: boolean
}

/** Whom it would have touched: what makes a policy believable, and lets it act. */
export function SimulationSection({ source, valid, policy, changed }: SimulationSectionProps) {
  const [search, setAddress] = useAddress()
  const simulate = useSimulate()
  const mayAct = useMayAct()
  const window = windowOf(search.get('window'))
  const run = (): void =>
    simulate.mutate({
      source,
      ...(window.hours === 0 ? {} : { since: new Date(Date.now() - window.hours * 3_600_000).toISOString() }),
    })
  // The stage of a text says nothing about whom its rules touch.
  const ofThese =
    simulate.data !== undefined &&
    withMode(simulate.variables.source, 'shadow') === withMode(source, 'shadow')
  const kept = changed ? undefined : policy?.rollout.simulation
  return (
    <Section
      title="Whom would it have touched?"
      id="simulation"
      note="Runs it over recorded calls. Nothing is refused by that."
    >
      <div className="row no-print">
        <Choice
          label="Recorded calls of the last"
          options={windows}
          value={window.value}
          onChange={value => setAddress({ window: value === '24h' ? '' : value })}
        />
        <Button
          size="xs"
          variant="default"
          leftSection={<FlaskConical size={14} />}
          loading={simulate.isPending}
          disabled={!valid || !mayAct}
          onClick={run}
        >
          Simulate
        </Button>
        {!mayAct && <span className="dim">An analyst or admin can simulate it.</span>}
      </div>
      {simulate.error !== null && <ProblemNote doing="Simulating" error={simulate.error} onRetry={run} />}
      {simulate.isPending && (
        <div aria-busy="true">
          <span className="visually-hidden">Simulating…</span>
          <Lines count={3} />
        </div>
      )}
      {simulate.data !== undefined && !simulate.isPending && (
        <>
          {!ofThese && (
            <p className="dim">The text has changed since: this is what the one before would have done.</p>
          )}
          <SimulationResult simulation={simulate.data} />
        </>
      )}
      {simulate.data === undefined && !simulate.isPending && kept !== undefined && (
        <p>
          {summarySentence(kept)}{' '}
          <span className="dim">
            Simulated at <Moment at={kept.at} /> by {kept.by}.
          </span>
        </p>
      )}
      {simulate.data === undefined && !simulate.isPending && kept === undefined && (
        <p className="dim">
          Not simulated yet. Until it is, it can only act with a reason that is kept in the audit log.
        </p>
      )}
    </Section>
  )
}
