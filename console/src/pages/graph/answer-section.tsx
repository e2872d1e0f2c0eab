import { lazy, memo, Suspense, useMemo } from 'react'
import { useNavigate } from 'react-router'
import type { GraphPathView } from '../../../../src/server/api/graph.ts'
import { edgeId } from '../../format/edge-rows.ts'
import { nodeName, nodePath } from '../../format/graph-names.ts'
import { pictureOf } from '../../format/graph-picture.ts'
import { Empty } from '../../parts/empty.tsx'
import { Lines } from '../../parts/skeletons.tsx'
import { WayWords } from '../../parts/way-words.tsx'

const Drawing = lazy(() => import('./graph-drawing.tsx'))

interface AnswerProps {
  readonly from: string
  readonly to: string
  readonly ways: readonly GraphPathView[]
  readonly declared: boolean
  readonly now: number
}

/** Each way in words, and all of them in one small drawing. */
export const Answer = memo(function Answer({ from, to, ways, declared, now }: AnswerProps) {
  const navigate = useNavigate()
  const picture = useMemo(() => {
    const nodes = new Map(ways.flatMap(way => way.nodes.map(node => [node.id, node] as const)))
    const edges = new Map(ways.flatMap(way => way.edges.map(edge => [edgeId(edge), edge] as const)))
    return pictureOf({ nodes: [...nodes.values()], edges: [...edges.values()], groups: [] }, '', [], now)
  }, [ways, now])
  if (ways.length === 0)
    return (
      <Empty title={`No way leads from ${nodeName(from)} to ${nodeName(to)}.`}>
        <p>
          That is good news where every part of the system is seen.{' '}
          {declared
            ? 'Neither calls nor grants, as far as sensors tell of them, lead there within 8 steps.'
            : 'Only what happened was asked for: count what is granted as well to see what may happen.'}
        </p>
      </Empty>
    )
  return (
    <div className="stack" style={{ gap: 16 }}>
      <ol className="graph-ways" aria-label="Ways">
        {ways.map(way => (
          <li key={way.edges.map(edgeId).join()} data-did={way.did}>
            <WayWords way={way} />
          </li>
        ))}
      </ol>
      <Suspense fallback={<Lines count={4} height={32} />}>
        <Drawing
          picture={picture}
          label={`Ways from ${nodeName(from)} to ${nodeName(to)}`}
          onBox={id => navigate(nodePath(id))}
        />
      </Suspense>
    </div>
  )
})
