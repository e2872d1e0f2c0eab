import type { EdgeColumns } from '../edge-table.ts'
import type { Graph } from '../graph.ts'
import { type NodeFacts, type NodeId, readNodeId } from '../node.ts'
import type { UseState } from '../uses/use-table.ts'

/** A graph as plain data: nodes by their place in the lists, edges by the places of their ends. */
export interface GraphState {
  readonly nodes: {
    readonly ids: readonly NodeId[]
    /** Undefined for nodes of which nothing is known. */
    readonly facts: readonly (NodeFacts | undefined)[]
    readonly first: Float64Array
    readonly last: Float64Array
    readonly events: Float64Array
    readonly declared: Uint8Array
  }
  readonly edges: EdgeColumns
  /** Names of protocols and versions, which the edges' columns number. */
  readonly texts: readonly string[]
  readonly uses: UseState
}

/** The graph as it stands, copied. */
export function stateOf(graph: Graph): GraphState {
  const { nodes, edges } = graph
  const columns = edges.columns()
  const numbers = [...nodes.numbers()]
  const places = new Int32Array(nodes.length).fill(-1)
  for (const [place, number] of numbers.entries()) places[number] = place
  const pick = (column: Float64Array): Float64Array => Float64Array.from(numbers, number => column[number]!)
  return {
    nodes: {
      ids: numbers.map(number => nodes.ids[number]!),
      facts: numbers.map(number => {
        const facts = nodes.facts[number]!
        return Object.keys(facts).length === 0 ? undefined : facts
      }),
      first: pick(nodes.first),
      last: pick(nodes.last),
      events: pick(nodes.events),
      declared: Uint8Array.from(numbers, number => nodes.declared[number]!),
    },
    edges: {
      ...columns,
      from: columns.from.map(node => places[node]!),
      to: columns.to.map(node => places[node]!),
    },
    texts: edges.texts,
    uses: graph.uses.state(),
  }
}

/** Takes a state into a graph that is empty. Edges of which an end is not there are left out. */
export function loadState(graph: Graph, { nodes, edges, texts, uses }: GraphState): void {
  const numbers = Int32Array.from(nodes.ids, (id, place) => {
    const kind = readNodeId(id)?.kind
    if (kind === undefined) return -1
    const number = graph.nodes.ensure(id, kind, nodes.first[place]!)
    graph.nodes.touch(number, nodes.last[place]!)
    graph.nodes.facts[number] = nodes.facts[place] ?? graph.nodes.facts[number]!
    graph.nodes.events[number] = nodes.events[place]!
    graph.nodes.declared[number] = nodes.declared[place]!
    if (kind === 'workload') graph.names.resolve(id.slice('workload:'.length))
    return number
  })
  const from = edges.from.map(place => numbers[place] ?? -1)
  const to = edges.to.map(place => numbers[place] ?? -1)
  const flags = edges.flags.map((flag, edge) => (from[edge]! < 0 || to[edge]! < 0 ? 0 : flag))
  graph.edges.load({ ...edges, from, to, flags }, texts)
  graph.uses.load(uses)
}
