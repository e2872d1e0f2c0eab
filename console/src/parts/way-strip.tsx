import { kindName, nodeName, nodeParts, nodePlace } from '../format/graph-names.ts'
import type { Step } from '../format/path-words.ts'
import { KindIcon } from './kind-icon.tsx'
import { NodeLink } from './node-link.tsx'
import './way.css'

/** One way drawn as a row of stops: a column on a phone. What never happened is dashed. */
export function WayStrip({ steps }: { readonly steps: readonly Step[] }) {
  return (
    <ol className="way-strip">
      {steps.map(({ node, verb, did }, index) => {
        const { kind } = nodeParts(node)
        const place = nodePlace(node)
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a way may come by the same node twice.
          <li key={`${index} ${node}`} data-did={did}>
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
