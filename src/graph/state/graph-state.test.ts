import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type EdgeKind, edgeKinds, edgeSources } from '../edge.ts'
import { Graph } from '../graph.ts'
import { type NodeId, nodeId } from '../node.ts'
import { BrokenSnapshot, bytesOf, readBytes } from './graph-bytes.ts'
import { loadState, stateOf } from './graph-state.ts'

const dayMs = 86_400_000
const names: readonly NodeId[] = [
  'internet',
  nodeId('workload', 'shop/orders'),
  nodeId('workload', 'orders'),
  nodeId('endpoint', 'GET shop/orders'),
  nodeId('store', 'postgresql://db/ü'),
  nodeId('principal', 'user:ann'),
]
const actions = fc.array(
  fc.record({
    what: fc.constantFrom('see', 'declare', 'merge', 'describe', 'use', 'retract'),
    from: fc.constantFrom(...names),
    to: fc.constantFrom(...names),
    kind: fc.constantFrom<EdgeKind>(...edgeKinds),
    source: fc.constantFrom(...edgeSources),
    day: fc.nat(100),
    protocol: fc.option(fc.constantFrom('http', 'grpc'), { nil: undefined }),
    refused: fc.boolean(),
  }),
  { maxLength: 60 },
)

function built(given: Parameters<typeof act>[1][]): Graph {
  const graph = new Graph()
  for (const action of given) act(graph, action)
  return graph
}

function act(
  graph: Graph,
  {
    what,
    from,
    to,
    kind,
    source,
    day,
    protocol,
    refused,
  }: typeof actions extends fc.Arbitrary<(infer Action)[]> ? Action : never,
): void {
  const time = day * dayMs + 7
  const sighting = {
    time,
    source,
    count: 3,
    bytes: 10,
    rows: 2,
    refused,
    ...(protocol === undefined ? {} : { protocol, version: `v${day}` }),
  }
  if (what === 'see') graph.see(from, to, kind, sighting)
  else if (what === 'declare') graph.declare(from, to, kind, sighting)
  else if (what === 'retract') graph.retract(from, to, kind, source)
  else if (what === 'merge') graph.merge(from, to, time)
  else if (what === 'use') graph.uses.add({ kind: 'asks', from, to }, time, { refused, address: '10.0.0.1' })
  else graph.describe(from, time, { version: `v${day}`, dataClasses: ['email'] })
}

function told(graph: Graph) {
  const key = (one: { from: string; to: string; kind: string }) => `${one.from} ${one.to} ${one.kind}`
  const { nodes, edges } = graph
  return {
    nodes: [...graph.allNodes()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    edges: [...graph.allEdges()].sort((a, b) => (key(a) < key(b) ? -1 : 1)),
    days: [...Array(edges.length).keys()]
      .filter(edge => edges.flags[edge] !== 0)
      .map(
        edge =>
          `${nodes.ids[edges.from[edge]!]} ${nodes.ids[edges.to[edge]!]} ${edges.kindOf(edge)} ${edges.daysSeen(edge)}`,
      )
      .sort(),
    uses: graph.uses.all(),
  }
}

describe('a snapshot of a graph', () => {
  it('holds all of it', () => {
    fc.assert(
      fc.property(actions, fc.jsonValue(), (given, note) => {
        const graph = built(given)
        const bytes = bytesOf(stateOf(graph), note)
        const again = new Graph()
        const read = readBytes(bytes)
        loadState(again, read.state)
        expect(told(again)).toEqual(told(graph))
        expect(read.note).toEqual(JSON.parse(JSON.stringify(note)))
        const full = graph.get(nodeId('workload', 'shop/orders')) !== undefined
        expect(again.names.resolve('orders').name).toBe(full ? 'shop/orders' : 'orders')
      }),
    )
  })

  it('goes on as the graph would have', () => {
    fc.assert(
      fc.property(actions, actions, (before, after) => {
        const graph = built(before)
        const again = new Graph()
        loadState(again, readBytes(bytesOf(stateOf(graph), null)).state)
        // Sightings only: which edges somebody declared, and who, is asked anew after a start.
        for (const action of after.filter(({ what }) => what === 'see' || what === 'use')) {
          act(graph, action)
          act(again, action)
        }
        expect(told(again)).toEqual(told(graph))
      }),
    )
  })

  it('is refused where a byte of it is wrong, or missing', () => {
    const graph = built([])
    graph.see('internet', nodeId('workload', 'a'), 'calls', { time: 1, source: 'file', count: 1 })
    const bytes = bytesOf(stateOf(graph), { to: 1 })
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const wrong = Buffer.from(bytes)
        wrong[at] = wrong[at]! ^ change
        expect(() => readBytes(wrong)).toThrow(BrokenSnapshot)
        expect(() => readBytes(bytes.subarray(0, at))).toThrow(BrokenSnapshot)
      }),
    )
  })
})
