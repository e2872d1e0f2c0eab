import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { blastRadius } from './blast-radius.ts'
import { Graph } from './graph.ts'
import { internet, type NodeId, nodeId } from './node.ts'
import { findPaths } from './paths.ts'
import { selectNodes } from './selector.ts'

const workload = (number: number): NodeId => nodeId('workload', `shop/w${number}`)
const seen = (time: number) => ({ time, source: 'file' as const, count: 1 })

const links = fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 40 })

/** A small shop: internet → endpoint → web → orders → store → data. */
function shop(): Graph {
  const graph = new Graph()
  const endpoint = nodeId('endpoint', 'GET shop/orders')
  graph.see(internet, endpoint, 'calls', seen(1))
  graph.see(endpoint, nodeId('workload', 'shop/web'), 'serves', seen(1))
  graph.see(nodeId('workload', 'shop/web'), nodeId('workload', 'shop/orders'), 'calls', seen(2))
  const store = nodeId('store', 'postgresql://db/shop/orders')
  graph.see(nodeId('workload', 'shop/orders'), store, 'reads', seen(3))
  graph.see(store, nodeId('data', 'payment-card'), 'carries', seen(3))
  graph.see(
    nodeId('workload', 'shop/orders'),
    nodeId('identity', 'service-account:shop/orders'),
    'runs-as',
    seen(3),
  )
  graph.see(nodeId('identity', 'service-account:shop/orders'), nodeId('store', 's3://backups'), 'may', {
    ...seen(0),
    declared: true,
  })
  return graph
}

describe('paths', () => {
  it('are found exactly where a plain search finds one, and are as short', () => {
    fc.assert(
      fc.property(links, fc.nat(9), fc.nat(9), (given, from, to) => {
        fc.pre(from !== to)
        const graph = new Graph()
        for (let number = 0; number <= 9; number += 1) graph.node(workload(number), 0)
        for (const [a, b] of given) graph.see(workload(a), workload(b), 'calls', seen(1))
        const steps = new Map([[from, 0]])
        for (const [at, distance] of steps)
          for (const [a, b] of given) if (a === at && !steps.has(b)) steps.set(b, distance + 1)
        const paths = findPaths(graph, selectNodes(graph, workload(from)), selectNodes(graph, workload(to)), {
          within: 10,
        })
        const shortest = steps.get(to)
        if (shortest === undefined) expect(paths).toEqual([])
        else {
          expect(paths.length).toBeGreaterThan(0)
          for (const path of paths) {
            expect(path.edges).toHaveLength(shortest)
            expect(path.nodes.map(node => node.id)).toEqual([
              workload(from),
              ...path.edges.map(edge => edge.to),
            ])
          }
        }
      }),
    )
  })

  it('lead from the internet to data', () => {
    const graph = shop()
    const [path, ...others] = findPaths(
      graph,
      selectNodes(graph, 'internet'),
      selectNodes(graph, 'data:payment-card'),
    )
    expect(others).toEqual([])
    expect(path?.nodes.map(node => node.id)).toEqual([
      'internet',
      'endpoint:GET shop/orders',
      'workload:shop/web',
      'workload:shop/orders',
      'store:postgresql://db/shop/orders',
      'data:payment-card',
    ])
  })

  it('do not lead along what was refused every time', () => {
    const graph = new Graph()
    const [a, b] = [workload(1), workload(2)]
    const asked = (): number => findPaths(graph, selectNodes(graph, a), selectNodes(graph, b)).length
    graph.see(a, b, 'calls', { ...seen(1), refused: true })
    expect([asked(), graph.outOf(a)[0]?.did]).toEqual([0, false])
    graph.see(a, b, 'calls', seen(2))
    expect([asked(), graph.outOf(a)[0]?.did]).toEqual([1, true])
  })

  it('were not there before their last edge was', () => {
    const graph = shop()
    const asked = (asOf: number) =>
      findPaths(graph, selectNodes(graph, 'internet'), selectNodes(graph, 'data:*'), { asOf }).length
    expect([asked(2), asked(3)]).toEqual([0, 1])
  })
})

describe('the reach of a node', () => {
  it('tells what was reached from what is only granted', () => {
    const found = blastRadius(shop(), nodeId('workload', 'shop/orders'))
    expect(found?.stores.map(({ node, did }) => [node.name, did])).toEqual([
      ['postgresql://db/shop/orders', true],
      ['s3://backups', false],
    ])
    expect(found?.data.map(({ dataClass, path }) => [dataClass, path.edges.length])).toEqual([
      ['payment-card', 2],
    ])
    expect([found?.reached.store, found?.reachable.store]).toEqual([1, 2])
  })
})

describe('selectors', () => {
  it('name nodes exactly, by their last part, with stars, or say what is wrong', () => {
    const graph = shop()
    const named = (selector: string): readonly (string | undefined)[] =>
      selectNodes(graph, selector).map(number => graph.nodes.ids[number])
    expect(named('workload:orders')).toEqual(['workload:shop/orders'])
    expect(named('store:postgresql*orders')).toEqual(['store:postgresql://db/shop/orders'])
    expect(named('workload:*').length).toBe(2)
    expect(() => named('wrokload:orders')).toThrow('There is no kind of node "wrokload".')
    expect(() => named('data:iban')).toThrow('Nothing in the graph is called "data:iban".')
  })
})

describe('the bounds', () => {
  it('hold whatever comes, and what is seen last stays', () => {
    const graph = new Graph({ nodes: 200, edges: 300, hosts: 50, principals: 50 })
    for (let number = 0; number < 5_000; number += 1) {
      graph.see(workload(number % 40), nodeId('host', `h${number}.example`), 'calls', seen(number))
      graph.see(
        nodeId('principal', `user:${number}`),
        nodeId('endpoint', `e${number % 30}`),
        'calls',
        seen(number),
      )
    }
    expect(graph.nodes.size).toBeLessThanOrEqual(200)
    expect(graph.edges.length).toBeLessThanOrEqual(300)
    expect(graph.nodes.countOf('host')).toBeLessThanOrEqual(50)
    expect(graph.get(nodeId('host', 'h4999.example'))).toBeDefined()
    expect(graph.evictedNodes).toBeGreaterThan(9_000)
    for (const edge of graph.allEdges())
      expect([graph.get(edge.from), graph.get(edge.to)]).not.toContain(undefined)
  })

  it('do not lose edges when a node goes by another name', () => {
    const graph = shop()
    graph.merge(nodeId('workload', 'shop/orders'), nodeId('workload', 'c/shop/orders'), 9)
    expect(graph.get(nodeId('workload', 'shop/orders'))).toBeUndefined()
    expect(
      graph
        .outOf(nodeId('workload', 'c/shop/orders'))
        .map(edge => edge.kind)
        .sort(),
    ).toEqual(['reads', 'runs-as'])
    expect(graph.get(nodeId('workload', 'c/shop/orders'))?.firstSeen).toBe(2)
  })
})
