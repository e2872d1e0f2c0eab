import { ArrowDown, ArrowUp } from 'lucide-react'
import { memo, useEffect, useMemo, useRef } from 'react'
import type { GraphEdgeView } from '../../../../src/server/api/graph.ts'
import { edgeId, isNewEdge, type SortColumn, sortedEdges, type Watched } from '../../format/edge-rows.ts'
import { edgeVerb, nodeName, nodeParts, nodePlace } from '../../format/graph-names.ts'
import { count } from '../../format/number.ts'
import { useCursor } from '../../hooks/cursor.ts'
import { Moment } from '../../parts/moment.tsx'

interface EdgeTableProps {
  readonly edges: readonly GraphEdgeView[]
  readonly sort: SortColumn
  readonly descending: boolean
  readonly onSort: (column: SortColumn) => void
  /** Ids of the edges that are chosen: all of one line. */
  readonly chosen: ReadonlySet<string>
  readonly onPick: (id: string) => void
  readonly watched: Watched
}

const columns = [
  { id: 'from', title: 'From' },
  { id: 'to', title: 'To' },
  { id: 'count', title: 'Times' },
  { id: 'last', title: 'Last' },
] as const satisfies readonly { id: SortColumn; title: string }[]

/** Rows at most; the drawing beside it holds no more nodes than these lead to. */
const mostRows = 400

/** The drawing as a table. `j` and `k` walk, `o` chooses. */
export const EdgeTable = memo(function EdgeTable(props: EdgeTableProps) {
  const { edges, sort, descending, onSort, chosen, onPick, watched } = props
  const rows = useMemo(
    () => sortedEdges(edges, sort, descending).slice(0, mostRows),
    [edges, sort, descending],
  )
  const active = useCursor(rows.length, index => {
    const edge = rows[index]
    if (edge !== undefined) onPick(edgeId(edge))
  })
  const frame = useRef<HTMLDivElement>(null)
  const first = rows.findIndex(edge => chosen.has(edgeId(edge)))
  // Chosen in the drawing: its row comes into view, and the page stays where it is.
  useEffect(() => {
    const box = frame.current
    const row = box?.querySelector<HTMLElement>(`[data-row="${first}"]`)
    if (first < 0 || box === null || row == null) return
    const top = row.offsetTop
    if (top < box.scrollTop + 32 || top + row.offsetHeight > box.scrollTop + box.clientHeight)
      box.scrollTop = top - box.clientHeight / 3
  }, [first])
  return (
    <div className="edge-frame" ref={frame}>
      <table className="table edge-table" aria-label="Edges">
        <thead>
          <tr>
            {columns.map(({ id, title }) => (
              <th
                key={id}
                className={id === 'count' ? 'num' : undefined}
                aria-sort={sort === id ? (descending ? 'descending' : 'ascending') : 'none'}
              >
                <button type="button" className="plain-button" onClick={() => onSort(id)}>
                  {title}
                  {sort === id &&
                    (descending ? (
                      <ArrowDown size={12} aria-hidden="true" />
                    ) : (
                      <ArrowUp size={12} aria-hidden="true" />
                    ))}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((edge, index) => {
            const id = edgeId(edge)
            return (
              <EdgeRow
                key={id}
                edge={edge}
                index={index}
                chosen={chosen.has(id)}
                active={index === active}
                watched={watched}
                onPick={onPick}
              />
            )
          })}
        </tbody>
      </table>
      {edges.length > rows.length && (
        <p className="dim">
          The first {count(rows.length)} of {count(edges.length)} are listed.
        </p>
      )}
    </div>
  )
})

interface EdgeRowProps {
  readonly edge: GraphEdgeView
  readonly index: number
  readonly chosen: boolean
  readonly active: boolean
  readonly watched: Watched
  readonly onPick: (id: string) => void
}

/** Written again only where it changes: choosing one of hundreds changes two. */
const EdgeRow = memo(function EdgeRow({ edge, index, chosen, active, watched, onPick }: EdgeRowProps) {
  const id = edgeId(edge)
  return (
    <tr data-row={index} data-active={chosen} data-cursor={active} onClick={() => onPick(id)}>
      <td title={edge.from}>
        <Name id={edge.from} />
      </td>
      <td title={edge.to}>
        <button
          type="button"
          className="plain-button"
          aria-pressed={chosen}
          onClick={event => {
            event.stopPropagation()
            onPick(id)
          }}
        >
          <span className="edge-verb">{edgeVerb(edge)}</span> <Name id={edge.to} />
        </button>
        {isNewEdge(edge, watched) && (
          <span className="chip edge-new" data-tone="good">
            new
          </span>
        )}
      </td>
      <td className="num">{edge.did ? count(edge.count) : <span className="dim">never</span>}</td>
      <td className="nowrap">
        {edge.did ? <Moment at={edge.lastSeen} /> : <span className="dim">granted</span>}
      </td>
    </tr>
  )
})

/** Paths of different hosts are told apart by the host. */
function Name({ id }: { readonly id: string }) {
  const host = nodeParts(id).kind === 'endpoint' && nodePlace(id)
  return (
    <>
      {nodeName(id)}
      {host !== false && <span className="edge-verb"> {host}</span>}
    </>
  )
}
