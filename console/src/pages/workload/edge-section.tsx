import { type ReactNode, useState } from 'react'
import type { GraphEdgeView } from '../../../../src/server/api/graph.ts'
import { edgeId, isNewEdge } from '../../format/edge-rows.ts'
import { edgeVerb, kindName, nodeName, nodeParts, nodePlace } from '../../format/graph-names.ts'
import { bytes, count } from '../../format/number.ts'
import { Moment } from '../../parts/moment.tsx'
import { NodeLink } from '../../parts/node-link.tsx'
import { Section } from '../../parts/section.tsx'
import './workload.css'

interface EdgeSectionProps {
  readonly title: string
  readonly note?: ReactNode
  readonly lead?: ReactNode
  readonly edges: readonly GraphEdgeView[]
  /** The end that is told; the workload is the other. */
  readonly end: 'from' | 'to'
  readonly none: string
  /** When the workload was seen first. */
  readonly since: string
  /** What stands at the other end. */
  readonly column: string
}

/** Shown at first; the rest is one click away. */
const few = 12

/** Edges of one kind at a workload, the busiest first. */
export function EdgeSection({ title, note, lead, edges, end, none, since, column }: EdgeSectionProps) {
  const [all, setAll] = useState(false)
  const [now] = useState(Date.now)
  const shown = all || edges.length <= few + 2 ? edges : edges.slice(0, few)
  return (
    <Section title={title} note={note}>
      {lead}
      {edges.length === 0 ? (
        <p className="dim">{none}</p>
      ) : (
        <table className="table cards workload-edges">
          <thead>
            <tr>
              <th>{column}</th>
              <th>What</th>
              <th className="num">Times</th>
              <th className="num">Refused</th>
              <th className="num">Data</th>
              <th>Last</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(edge => {
              const id = edge[end]
              const { kind } = nodeParts(id)
              return (
                <tr key={edgeId(edge)}>
                  <td data-label="">
                    <span>
                      {id === 'internet' ? nodeName(id) : <NodeLink id={id} />}{' '}
                      {kind !== 'internet' && (
                        <span className="dim">{kind === 'endpoint' ? nodePlace(id) : kindName(kind)}</span>
                      )}
                    </span>
                  </td>
                  <td data-label="What">
                    <span>
                      {end === 'from' && edge.kind === 'serves' ? 'answered' : edgeVerb(edge)}
                      {edge.protocol !== undefined && <span className="dim"> {edge.protocol}</span>}
                      {isNewEdge(edge, { now, since: Date.parse(since) }) && (
                        <>
                          {' '}
                          <span className="chip" data-tone="good">
                            new
                          </span>
                        </>
                      )}
                    </span>
                  </td>
                  <td data-label="Times" className="num">
                    {edge.did ? count(edge.count) : <span className="dim">never</span>}
                  </td>
                  <td data-label="Refused" className="num">
                    {edge.refused === 0 ? <span className="dim">0</span> : count(edge.refused)}
                  </td>
                  <td data-label="Data" className="num">
                    {edge.bytes > 0 ? (
                      bytes(edge.bytes)
                    ) : edge.rows > 0 ? (
                      `${count(edge.rows)} rows`
                    ) : (
                      <span className="dim">–</span>
                    )}
                  </td>
                  <td data-label="Last">
                    {edge.did ? <Moment at={edge.lastSeen} /> : <span className="dim">granted</span>}
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      )}
      {shown.length < edges.length && (
        <p>
          <button type="button" className="plain-button link no-print" onClick={() => setAll(true)}>
            show the other {count(edges.length - shown.length)}
          </button>
        </p>
      )}
    </Section>
  )
}
