import type { CSSProperties } from 'react'
import { Link } from 'react-router'
import { useRollouts } from '../../api/policies.ts'
import { type Column, columnsOf, rolloutSentence } from '../../format/rollout.ts'
import { Empty } from '../../parts/empty.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { Page } from '../../parts/page.tsx'
import { RolloutCard } from './rollout-card.tsx'
import './rollout.css'

/** A column that holds something has more room than one that does not. */
const widths = (columns: readonly Column[]): string =>
  columns
    .map(({ policies }) => (policies.length === 0 ? 'minmax(116px, 1fr)' : 'minmax(180px, 2.2fr)'))
    .join(' ')

/** How far each policy is on its way from watching to acting for everybody. */
export default function RolloutPage() {
  const rollouts = useRollouts()
  return (
    <Page
      title="Rollout"
      kind={<Link to="/policies">Policies</Link>}
      lead={rollouts.data === undefined ? 'How far each policy is.' : rolloutSentence(rollouts.data.items)}
      sub="From left to right a policy acts for more callers. One that does harm goes back to shadow by itself."
    >
      <Loaded query={rollouts} doing="Loading the rollout">
        {({ items }) => {
          const columns = columnsOf(items)
          return items.length === 0 ? (
            <Empty title="There are no policies.">
              <p>
                <Link to="/policies">Begin with a ready-made one</Link>: it stands here in shadow then, with
                what it needs to go on.
              </p>
            </Empty>
          ) : (
            <ol className="board" style={{ '--board': widths(columns) } as CSSProperties}>
              {columns.map(({ title, about, policies }) => (
                <li key={title} className="board-column" data-empty={policies.length === 0}>
                  <div className="board-head">
                    <h2>
                      {title} <span className="dim">{policies.length}</span>
                    </h2>
                    <p className="dim">{about}</p>
                  </div>
                  {policies.map(policy => (
                    <RolloutCard key={policy.name} policy={policy} />
                  ))}
                </li>
              ))}
            </ol>
          )
        }}
      </Loaded>
    </Page>
  )
}
