import { Button } from '@mantine/core'
import { Plus } from 'lucide-react'
import { Link } from 'react-router'
import { usePolicies } from '../../api/policies.ts'
import { policiesSentence } from '../../format/policies.ts'
import { Empty } from '../../parts/empty.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { Page } from '../../parts/page.tsx'
import { PolicyTable } from './policy-table.tsx'
import { Starters } from './starters.tsx'

export default function PoliciesPage() {
  const policies = usePolicies()
  return (
    <Page
      title="Policies"
      kind="What is enforced?"
      lead={policies.data === undefined ? 'What is enforced.' : policiesSentence(policies.data.items)}
    >
      <Loaded query={policies} doing="Loading the policies">
        {page =>
          page.items.length === 0 ? (
            <Empty title="There are no policies.">
              <p>
                A policy says which calls are refused, slowed down or marked. It begins in shadow mode, where
                it only records what it would have done, and can be run over yesterday’s calls before it is
                believed.
              </p>
            </Empty>
          ) : (
            <PolicyTable policies={page.items} />
          )
        }
      </Loaded>
      <Starters />
      <div>
        <Button component={Link} to="/policies/new" variant="default" leftSection={<Plus size={15} />}>
          Write a policy
        </Button>
      </div>
    </Page>
  )
}
