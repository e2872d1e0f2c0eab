import { Link } from 'react-router'
import { useDecisions } from '../../api/decisions.ts'
import { decisionsPath } from '../../format/paths.ts'
import { DecisionTable } from '../../parts/decision-table.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { Section } from '../../parts/section.tsx'

const few = 8

/** The last decisions of a policy. */
export function DidSection({ policy }: { readonly policy: string }) {
  const decisions = useDecisions({ policy }, `policy=${policy}`, few)
  return (
    <Section
      title="What it did last"
      note={<Link to={decisionsPath({ policy, range: 'all' })}>all its decisions, and why</Link>}
    >
      <Loaded query={decisions} doing="Loading its decisions">
        {({ pages }) => {
          const items = pages[0]?.items ?? []
          return items.length === 0 ? (
            <p className="dim">It has met no call yet.</p>
          ) : (
            <DecisionTable
              decisions={items}
              hrefOf={({ id }) => decisionsPath({ policy, range: 'all', decision: id })}
            />
          )
        }}
      </Loaded>
    </Section>
  )
}
