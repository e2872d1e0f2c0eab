import { Link } from 'react-router'
import type { ReachView } from '../../../src/server/api/reach.ts'
import { useReach } from '../api/graph.ts'
import { ApiProblem } from '../api/problem.ts'
import { kindNames, nodeName } from '../format/graph-names.ts'
import { capital } from '../format/names.ts'
import { count } from '../format/number.ts'
import { graphPath } from '../format/paths.ts'
import { reachedSentence, reachSentence } from '../format/reach-words.ts'
import { Loaded } from './loaded.tsx'
import { NodeLink } from './node-link.tsx'
import { Section } from './section.tsx'
import { WayWords } from './way-words.tsx'

interface ReachSectionProps {
  /** The node's id in the graph. */
  readonly node: string
  /** The subject of the sentence, where it is not somebody who holds the node. */
  readonly who?: string
  readonly asOf?: string
}

/** What somebody who holds this can reach: in words, then the ways to data, stores and endpoints. */
export function ReachSection({ node, who, asOf }: ReachSectionProps) {
  const reach = useReach(node, asOf)
  const unknown = reach.error instanceof ApiProblem && reach.error.status === 404
  return (
    <Section
      title="What can be reached from here"
      note={!unknown && <Link to={graphPath({ focus: node })}>in the graph</Link>}
    >
      {unknown ? (
        <p className="dim">
          The graph does not know it yet: it is drawn from calls, and from what{' '}
          <Link to="/sensors">sensors</Link> tell of workloads, identities and stores.
        </p>
      ) : (
        <Loaded query={reach} doing="Working out what can be reached">
          {view => <Reached reach={view} {...(who === undefined ? {} : { who })} />}
        </Loaded>
      )}
    </Section>
  )
}

function Reached({ reach, who }: { readonly reach: ReachView; readonly who?: string }) {
  const lists = (['stores', 'endpoints', 'identities'] as const).filter(kind => reach[kind].length > 0)
  return (
    <div className="stack reach">
      <p>
        <b className="reach-lead">{reachSentence(reach, who)}</b> {reachedSentence(reach)}
      </p>
      {reach.data.length > 0 && (
        <ul className="stack" aria-label="Ways to data">
          {reach.data.slice(0, 8).map(({ dataClass, path }) => (
            <li key={dataClass}>
              <WayWords way={path} />
            </li>
          ))}
        </ul>
      )}
      {lists.map(kind => (
        <ReachedList
          key={kind}
          list={reach[kind]}
          total={reach.reachable[kindOf[kind]]}
          kind={kindOf[kind]}
        />
      ))}
    </div>
  )
}

const kindOf = { stores: 'store', endpoints: 'endpoint', identities: 'identity' } as const

interface ReachedListProps {
  readonly list: ReachView['stores']
  readonly total: number
  readonly kind: 'store' | 'endpoint' | 'identity'
}

function ReachedList({ list, total, kind }: ReachedListProps) {
  return (
    <details className="reach-list">
      <summary>
        {capital(kindNames(kind))} <span className="dim">{count(total)}</span>{' '}
        <span className="dim reach-few">
          {list
            .slice(0, 3)
            .map(one => nodeName(one.node.id))
            .join(', ')}
          {total > 3 && ' …'}
        </span>
      </summary>
      <ul>
        {list.map(({ node, steps, did }) => (
          <li key={node.id} data-did={did}>
            <NodeLink id={node.id} />
            <span className="dim">
              {steps === 1 ? 'directly' : `in ${steps} steps`}
              {did ? '' : ', only granted'}
            </span>
          </li>
        ))}
      </ul>
      {total > list.length && <p className="dim">The nearest {count(list.length)} are listed.</p>}
    </details>
  )
}
