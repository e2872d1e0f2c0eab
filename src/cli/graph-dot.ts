import type { GraphEdgeView, GraphNodeView } from '../server/api/graph.ts'

const shapes: Readonly<Record<string, string>> = {
  internet: 'doublecircle',
  principal: 'oval',
  identity: 'hexagon',
  workload: 'box',
  endpoint: 'cds',
  store: 'cylinder',
  data: 'note',
  host: 'ellipse',
}

/** A text as Graphviz reads it between quotes. */
const quoted = (text: string): string =>
  `"${text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll(/\p{Cc}/gu, '\u{fffd}')}"`

/** The graph in the DOT language of Graphviz; what is only granted is dashed. */
export function dotOf(nodes: readonly GraphNodeView[], edges: readonly GraphEdgeView[]): string {
  const lines = nodes.map(
    ({ id, kind, name }) => `  ${quoted(id)} [label=${quoted(name)}, shape=${shapes[kind] ?? 'ellipse'}]`,
  )
  for (const { from, to, kind, count, did } of edges)
    lines.push(
      `  ${quoted(from)} -> ${quoted(to)} [label=${quoted(did ? `${kind} ×${count}` : kind)}${did ? '' : ', style=dashed'}]`,
    )
  return `digraph sallyport {\n  rankdir=LR\n${lines.join('\n')}\n}\n`
}
