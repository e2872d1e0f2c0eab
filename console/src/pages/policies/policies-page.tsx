import { Button } from '@mantine/core'
import { Columns4, ListChecks, Plus } from 'lucide-react'
import { Link } from 'react-router'
import { useDecisionSummary, usePolicies, useRollouts } from '../../api/policies.ts'
import { useSession } from '../../api/session.ts'
import { policiesSentence } from '../../format/policies.ts'
import { Empty } from '../../parts/empty.tsx'
import { KillSwitch } from '../../parts/kill-switch.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { Page } from '../../parts/page.tsx'
import { PolicyTable } from './policy-table.tsx'
import { Templates } from './templates.tsx'
import './policies.css'

export default function PoliciesPage() {
  const policies = usePolicies()
  const rollouts = useRollouts()
  const summary = useDecisionSummary()
  const session = useSession()
  // What takes a look at the calls comes later; the list does not wait for it.
  const full = new Map(rollouts.data?.items.map(policy => [policy.name, policy]))
  return (
    <Page
      title="Policies"
      kind="What is enforced?"
      lead={
        policies.data === undefined
          ? 'What is enforced, and what it does.'
          : policiesSentence(policies.data.items, summary.data)
      }
      sub="A policy begins in shadow, is simulated over recorded calls, then acts for a few callers, for more, and for everybody."
    >
      <div className="row no-print">
        <Button component={Link} to="/policies/new" size="xs" leftSection={<Plus size={14} />}>
          Write a policy
        </Button>
        <Button
          component={Link}
          to="/rollout"
          size="xs"
          variant="default"
          leftSection={<Columns4 size={14} />}
        >
          Rollout board
        </Button>
        <Button
          component={Link}
          to="/decisions"
          size="xs"
          variant="default"
          leftSection={<ListChecks size={14} />}
        >
          Decisions
        </Button>
      </div>
      <Loaded query={policies} doing="Loading the policies">
        {page =>
          page.items.length === 0 ? (
            <Empty title="There are no policies.">
              <p>
                A policy says which calls are refused, slowed down, changed or marked. Take a ready-made one
                below: it begins in shadow, where it only writes down what it would have done, and can be run
                over yesterday’s calls before it is believed.
              </p>
            </Empty>
          ) : (
            <PolicyTable policies={page.items.map(policy => full.get(policy.name) ?? policy)} />
          )
        }
      </Loaded>
      {policies.data !== undefined && <Templates open={policies.data.items.length === 0} />}
      <KillSwitch allowed={session.data?.role === 'admin'} />
    </Page>
  )
}
