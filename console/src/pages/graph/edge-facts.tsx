import type { GraphEdgeView } from '../../../../src/server/api/graph.ts'
import { edgeVerb } from '../../format/graph-names.ts'
import { edgeSourceName } from '../../format/graph-sources.ts'
import { bytes, count, listed, plural } from '../../format/number.ts'
import { Moment } from '../../parts/moment.tsx'
import { NodeLink } from '../../parts/node-link.tsx'

/** Everything that is known of the chosen edges, one sentence each. */
export function EdgeFacts({ edges }: { readonly edges: readonly GraphEdgeView[] }) {
  const shown = edges.slice(0, 5)
  return (
    <ul className="stack graph-facts" aria-label="Chosen" role="status">
      {shown.map(edge => (
        <li key={`${edge.from} ${edge.kind} ${edge.to}`}>
          <NodeLink id={edge.from} /> {edgeVerb(edge)} <NodeLink id={edge.to} />
          {edge.did ? (
            <>
              : {edge.count > 0 ? plural(edge.count, 'time') : 'seen'}
              {edge.refused > 0 && ` (${count(edge.refused)} refused)`} between <Moment at={edge.firstSeen} />{' '}
              and <Moment at={edge.lastSeen} />
              {edge.bytes > 0 && `, ${bytes(edge.bytes)}`}
              {edge.rows > 0 && `, ${plural(edge.rows, 'row')}`}
              {edge.protocol !== undefined && `, over ${edge.protocol}`}
              {edge.version !== undefined && `, last by version ${edge.version}`}.
              {edge.could && ' It is granted too.'}
            </>
          ) : (
            '. It never did.'
          )}{' '}
          {edge.sources.length > 0 && (
            <span className="dim">Learned from {listed(edge.sources.map(edgeSourceName), 4)}.</span>
          )}
        </li>
      ))}
      {edges.length > shown.length && <li className="dim">and {edges.length - shown.length} more like it</li>}
    </ul>
  )
}
