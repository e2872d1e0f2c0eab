import { SegmentedControl } from '@mantine/core'
import { lazy, memo, Suspense, useMemo } from 'react'
import { Link } from 'react-router'
import type { GraphView } from '../../../../src/server/api/graph.ts'
import { edgeId, type SortColumn, watchedSince } from '../../format/edge-rows.ts'
import { kindName, nodeName, nodeParts, nodePath } from '../../format/graph-names.ts'
import { type Picture, pictureOf } from '../../format/graph-picture.ts'
import { depths, type GraphQuestion } from '../../format/graph-question.ts'
import { plural } from '../../format/number.ts'
import { graphPath } from '../../format/paths.ts'
import { useSteadyCall } from '../../hooks/steady-call.ts'
import { Empty } from '../../parts/empty.tsx'
import { Lines } from '../../parts/skeletons.tsx'
import { EdgeFacts } from './edge-facts.tsx'
import { EdgeTable } from './edge-table.tsx'
import { NodePicker } from './node-picker.tsx'

const Drawing = lazy(() => import('./graph-drawing.tsx'))

type Change = (params: Partial<Record<keyof GraphQuestion, string | readonly string[]>>) => void

interface FocusToolsProps {
  readonly focus: string
  readonly depth: number
  readonly change: Change
}

/** Whose neighbourhood, and how far around. */
export const FocusTools = memo(function FocusTools({ focus, depth, change }: FocusToolsProps) {
  return (
    <div className="graph-focus no-print">
      <NodePicker
        label="In the middle"
        value={focus}
        onChange={id => change({ focus: id, node: '', edge: '', open: [] })}
      />
      <div>
        <span className="graph-label" id="graph-depth">
          Steps around it
        </span>
        <SegmentedControl
          size="sm"
          aria-labelledby="graph-depth"
          data={depths.map(String)}
          value={String(depth)}
          onChange={value => change({ depth: value === '2' ? '' : value })}
        />
      </div>
    </div>
  )
})

interface AroundProps {
  readonly graph: GraphView
  readonly question: GraphQuestion
  readonly focus: string
  readonly change: Change
  readonly now: number
}

/** The neighbourhood twice: drawn, and as a table. What is chosen in one is chosen in the other. */
export function Around({ graph, question, focus, change, now }: AroundProps) {
  const opened = question.open.join('\n')
  const picture = useMemo(
    () => pictureOf(graph, focus, opened === '' ? [] : opened.split('\n'), now),
    [graph, focus, opened, now],
  )
  const watched = useMemo(() => ({ now, since: watchedSince(graph.nodes) }), [graph, now])
  const line = picture.lines.find(({ edges }) => edges.includes(question.edge))
  const chosen = useMemo(
    () => new Set(line?.edges ?? (question.edge === '' ? [] : [question.edge])),
    [line, question.edge],
  )
  const chosenEdges = graph.edges.filter(edge => chosen.has(edgeId(edge)))
  const pickEdge = useSteadyCall((id: string) => change({ edge: question.edge === id ? '' : id, node: '' }))
  const pickBox = (id: string): void => {
    const group = id.startsWith('group:') ? id.slice('group:'.length) : undefined
    if (group !== undefined) change({ open: [...question.open, group], edge: '', node: '' })
    else change({ node: question.node === id ? '' : id, edge: '' })
  }
  const sortBy = useSteadyCall((column: SortColumn) => {
    const descending =
      question.sort === column ? !question.descending : column === 'count' || column === 'last'
    change({ sort: `${descending ? '-' : ''}${column}` })
  })
  if (graph.edges.length === 0)
    return (
      <Empty title={`Nothing leads to or from ${nodeName(focus)}.`}>
        <p>Look at a later day, further around, or from something else.</p>
      </Empty>
    )
  return (
    <div className="stack" style={{ gap: 12 }}>
      <Folds picture={picture} question={question} change={change} />
      <div className="graph-twins">
        <div className="stack">
          <Suspense fallback={<Lines count={8} height={40} />}>
            <Drawing
              picture={picture}
              label={`What lies around ${nodeName(focus)}`}
              line={line?.id}
              box={question.node === '' ? undefined : (picture.boxOf.get(question.node) ?? undefined)}
              onLine={id => pickEdge(picture.lines.find(one => one.id === id)?.edges[0] ?? '')}
              onBox={pickBox}
            />
          </Suspense>
        </div>
        <EdgeTable
          edges={graph.edges}
          sort={question.sort}
          descending={question.descending}
          onSort={sortBy}
          chosen={chosen}
          onPick={pickEdge}
          watched={watched}
        />
      </div>
      {chosenEdges.length > 0 && <EdgeFacts edges={chosenEdges} />}
      {question.node !== '' && <NodeFacts graph={graph} id={question.node} />}
      {graph.truncated && (
        <p className="dim" role="status">
          There is more: the nearest {plural(graph.nodes.length, 'node')} are shown. Look fewer steps around,
          or from another node.
        </p>
      )}
    </div>
  )
}

/** Groups that may be folded and unfolded. */
function Folds({
  picture,
  question,
  change,
}: {
  readonly picture: Picture
  readonly question: GraphQuestion
  readonly change: Change
}) {
  if (picture.folded.length === 0) return null
  return (
    <ul className="row no-print" aria-label="Groups">
      {picture.folded.map(({ id, label, count, open }) => (
        <li key={id}>
          <button
            type="button"
            className="chip plain-button graph-fold"
            aria-pressed={open}
            onClick={() =>
              change({ open: open ? question.open.filter(one => one !== id) : [...question.open, id] })
            }
          >
            {open ? '−' : '+'} {label} <span className="dim">{count}</span>
          </button>
        </li>
      ))}
    </ul>
  )
}

/** The chosen node, and where to go with it. */
function NodeFacts({ graph, id }: { readonly graph: GraphView; readonly id: string }) {
  const node = graph.nodes.find(one => one.id === id)
  if (node === undefined) return null
  const { kind } = nodeParts(id)
  const { facts } = node
  const said = [
    facts.namespace !== undefined && `namespace ${facts.namespace}`,
    facts.environment,
    facts.version !== undefined && `version ${facts.version}`,
    facts.exposure !== undefined && `reachable from the ${facts.exposure}`,
    facts.owner !== undefined && `owned by ${facts.owner}`,
    facts.criticality,
    facts.external === true && 'not ours',
  ].filter(one => typeof one === 'string')
  const own = nodePath(id)
  const around = graphPath({ focus: id })
  return (
    <p className="graph-facts" role="status">
      <b className="mono">{nodeName(id)}</b> <span className="dim">{kindName(kind)}</span>
      {said.length > 0 && `: ${said.join(', ')}`}. <Link to={around}>Put it in the middle</Link>
      {own !== around && (
        <>
          {' · '}
          <Link to={own}>Its page</Link>
        </>
      )}
      {' · '}
      <Link to={graphPath({ from: 'internet', to: id })}>What reaches it from the internet</Link>
    </p>
  )
}
