import { SallyportError } from '../kit/error.ts'
import { compileGlob } from '../kit/glob.ts'
import { nearest } from '../kit/nearest.ts'
import type { Graph } from './graph.ts'
import { type NodeId, type NodeKind, nodeKinds, readNodeId } from './node.ts'

/**
 * Which nodes a question begins or ends with: `internet`; `kind:name` exactly; `kind:*` for all of a kind; `kind:*text*` with stars for
 * any text; a bare name for any kind's. At most 10,000 nodes.
 */
export function selectNodes(graph: Graph, selector: string): readonly number[] {
  const text = selector.trim()
  const exact = graph.nodes.numberOf(text as NodeId)
  if (exact !== undefined) return [exact]
  const colon = text.indexOf(':')
  const kindText = colon > 0 ? text.slice(0, colon) : undefined
  const kind = nodeKinds.find(known => known === kindText)
  if (kindText !== undefined && kind === undefined && !text.includes('/')) refuse(selector, kindText)
  const pattern = kind === undefined ? text : text.slice(colon + 1)
  const fits = matcher(pattern)
  const found: number[] = []
  for (const number of graph.nodes.numbers()) {
    if (found.length === maxSelected) break
    if (kind !== undefined && graph.nodes.kindOf(number) !== kind) continue
    const name = readNodeId(graph.nodes.ids[number]!)?.name ?? ''
    if (fits(name, graph.nodes.kindOf(number))) found.push(number)
  }
  if (found.length > 0) return found
  throw new SallyportError('resource/not-found', `Nothing in the graph is called "${selector}".`, {
    where: selector,
    mend: `Give "internet", or kind:name with one of ${nodeKinds.slice(1).join(', ')}; * stands for any text.`,
  })
}

const maxSelected = 10_000

function refuse(selector: string, kind: string): never {
  const meant = nearest(kind, nodeKinds)
  throw new SallyportError('usage/invalid-argument', `There is no kind of node "${kind}".`, {
    where: selector,
    mend: meant === undefined ? `Known are ${nodeKinds.join(', ')}.` : `Did you mean "${meant}"?`,
  })
}

/** Stars match any text; linear. A bare name also fits as the last part of a workload's: `orders` for `shop/orders`. */
function matcher(pattern: string): (name: string, kind: NodeKind) => boolean {
  if (!pattern.includes('*'))
    return (name, kind) => name === pattern || (kind === 'workload' && name.endsWith(`/${pattern}`))
  return compileGlob(pattern)
}
