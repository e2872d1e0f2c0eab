import type { GraphPathView } from '../api/graph-types.ts'
import { kindName, nodeName, nodeParts, nodePlace } from '../format/graph-names.ts'
import { steps } from '../format/path-words.ts'
import { KindIcon } from './kind-icon.tsx'
import { NodeLink } from './node-link.tsx'
import './way.css'

/** One way drawn as a row of stops: a column on a phone. What never happened is dashed. */
export function WayStrip({ way }: { readonly way: Omit<GraphPathView, 'sentence'> }) {
  return (
    <ol className="way-strip">
      {steps(way).map(({ node, verb, did }) => {
        const { kind } = nodeParts(node)
        const place = nodePlace(node)
        return (
          <li key={`${node} ${verb ?? ''}`} data-did={did}>
            {verb !== undefined && (
              <span className="way-arrow">
                <span>{verb}</span>
              </span>
            )}
            <span className="way-stop" data-kind={kind}>
              <span className="dim way-kind">
                <KindIcon kind={kind} /> {place === kindName(kind) ? place : `${kindName(kind)}, ${place}`}
              </span>
              {node === 'internet' ? <b>{nodeName(node)}</b> : <NodeLink id={node} />}
            </span>
          </li>
        )
      })}
    </ol>
  )
}
