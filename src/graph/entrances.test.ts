import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pathsByEndpoint } from './entrances.ts'
import { Graph } from './graph.ts'
import { internet, type NodeId, nodeId } from './node.ts'
import { findPaths } from './paths.ts'

const see = (graph: Graph, from: NodeId, to: NodeId, count: number): void =>
  graph.see(from, to, 'calls', { time: 1, source: 'otlp', count, declared: count === 0 })

const numberOf = (graph: Graph, id: NodeId): number => graph.nodes.numberOf(id)!
const data = nodeId('data', 'payment-card')
const names = (paths: ReturnType<typeof pathsByEndpoint>) =>
  paths.map(({ nodes }) => nodes.map(({ name }) => name))

describe('ways by the endpoint they enter through', () => {
  const graph = new Graph()
  see(graph, internet, 'endpoint:far', 9)
  see(graph, internet, 'endpoint:near', 5)
  see(graph, internet, 'endpoint:granted', 5)
  see(graph, internet, 'endpoint:nowhere', 5)
  see(graph, 'endpoint:near', data, 5)
  see(graph, 'endpoint:far', 'workload:rare', 1)
  see(graph, 'endpoint:far', 'workload:busy', 8)
  see(graph, 'workload:rare', data, 1)
  see(graph, 'workload:busy', data, 8)
  see(graph, 'endpoint:granted', data, 0)
  // Granted and shorter than what happened.
  see(graph, 'endpoint:far', data, 0)
  const ask = (question: Parameters<typeof pathsByEndpoint>[3]) =>
    pathsByEndpoint(graph, [numberOf(graph, internet)], [numberOf(graph, data)], question)

  it('tells a longer one too, where its endpoint has none as short, by the busiest steps', () => {
    expect(names(ask({}))).toEqual([
      ['internet', 'near', 'payment-card'],
      ['internet', 'far', 'busy', 'payment-card'],
    ])
  })

  it('tells what is granted last, and only where nothing happened', () => {
    const paths = ask({ declared: true })
    expect(names(paths).map(([, endpoint]) => endpoint)).toEqual(['near', 'far', 'granted'])
    expect(paths.map(({ did }) => did)).toEqual([true, true, false])
  })

  it('is bounded in number and in length', () => {
    expect(ask({ limit: 1 })).toHaveLength(1)
    expect(names(ask({ within: 2 }))).toEqual([['internet', 'near', 'payment-card']])
  })

  it('begins as short as the shortest way there is, and never twice at one endpoint', () => {
    const edges = fc.array(fc.tuple(fc.nat(11), fc.nat(11), fc.nat(3)), { maxLength: 60 })
    const kinds = [internet, 'endpoint:1', 'endpoint:2', 'endpoint:3'] as const
    const idOf = (index: number): NodeId =>
      kinds[index] ?? (index === 11 ? data : nodeId('workload', `w${index}`))
    fc.assert(
      fc.property(edges, given => {
        const random = new Graph()
        random.node(internet, 0)
        random.node(data, 0)
        for (const [from, to, count] of given)
          if (from !== to && to !== 0 && from !== 11) see(random, idOf(from), idOf(to), count)
        const ends = [[numberOf(random, internet)], [numberOf(random, data)]] as const
        const paths = pathsByEndpoint(random, ...ends)
        const endpoints = paths.map(({ nodes }) => nodes[1]!.id)
        expect(new Set(endpoints).size).toBe(endpoints.length)
        for (const { nodes, edges, did } of paths) {
          expect([nodes[0]!.id, nodes.at(-1)!.id, did]).toEqual([internet, data, true])
          edges.forEach((edge, index) => {
            expect([edge.from, edge.to]).toEqual([nodes[index]!.id, nodes[index + 1]!.id])
          })
        }
        const [shortest] = findPaths(random, ...ends)
        if (shortest !== undefined && shortest.nodes[1]!.kind === 'endpoint')
          expect(Math.min(...paths.map(({ edges }) => edges.length))).toBe(shortest.edges.length)
      }),
    )
  })
})
