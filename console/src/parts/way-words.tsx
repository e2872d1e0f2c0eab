import { Fragment } from 'react'
import type { GraphPathView } from '../../../src/server/api/graph.ts'
import { nodeName } from '../format/graph-names.ts'
import { capital } from '../format/names.ts'
import { happened, lastGone, steps } from '../format/path-words.ts'
import { Moment } from './moment.tsx'
import { NodeLink } from './node-link.tsx'
import './way.css'

/** A way in words, every step leading to its node, and whether it ever happened. */
export function WayWords({ way }: { readonly way: Omit<GraphPathView, 'sentence'> }) {
  const last = lastGone(way)
  return (
    <p className="way-words">
      {steps(way).map(({ node, verb, did }, index) => (
        <Fragment key={`${node} ${verb ?? ''}`}>
          {index > 0 && (
            <>
              {index > 1 ? ', which' : ''} <span className={did ? undefined : 'way-may'}>{verb}</span>{' '}
            </>
          )}
          {node === 'internet' ? (
            index === 0 ? (
              capital(nodeName(node))
            ) : (
              nodeName(node)
            )
          ) : (
            <NodeLink id={node} />
          )}
        </Fragment>
      ))}
      .{' '}
      <span className="dim">
        {happened(way)}
        {last !== undefined && (
          <>
            {' '}
            Last <Moment at={last} withAgo />.
          </>
        )}
      </span>
    </p>
  )
}
