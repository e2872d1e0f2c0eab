import { describe, expect, it } from 'vitest'
import { Graph } from '../../graph/graph.ts'
import type { NodeId } from '../../graph/node.ts'
import { dataOn, pathOf } from './incident-path.ts'

function shop(): Graph {
  const graph = new Graph()
  const see = (from: NodeId, to: NodeId, kind: Parameters<Graph['see']>[2]): void =>
    graph.see(from, to, kind, { time: 1, source: 'otlp', count: 1 })
  see('internet', 'endpoint:POST shop/imports', 'calls')
  see('endpoint:POST shop/imports', 'workload:importer', 'serves')
  see('workload:importer', 'identity:reader', 'runs-as')
  see('identity:reader', 'store:s3://people', 'reads')
  see('workload:importer', 'workload:orders', 'calls')
  see('workload:orders', 'store:pg://orders', 'reads')
  see('store:s3://people', 'data:us-ssn', 'carries')
  return graph
}

const told = (ways: readonly (readonly NodeId[])[]): readonly string[] =>
  pathOf(shop(), ways).map(({ node, how }) => `${how} ${node}`)

describe('the way of an incident', () => {
  it('comes from where the workload is open to', () => {
    expect(told([['workload:importer', 'store:s3://people']])).toEqual([
      'comes from internet',
      'calls endpoint:POST shop/imports',
      'is served by workload:importer',
      'acts as identity:reader',
      'reads store:s3://people',
    ])
  })

  it('joins ways in the order that each of them has', () => {
    expect(
      told([
        ['workload:importer', 'host:169.254.169.254'],
        ['workload:importer', 'store:s3://people'],
        ['workload:importer', 'host:169.254.169.254', 'identity:reader', 'store:s3://people'],
      ]).slice(2),
    ).toEqual([
      'is served by workload:importer',
      'then host:169.254.169.254',
      'then identity:reader',
      'reads store:s3://people',
    ])
  })

  it('fills gaps from the graph, and says where it knows no edge', () => {
    expect(
      told([
        ['workload:importer', 'store:pg://orders'],
        ['store:pg://orders', 'host:drop.example'],
      ]).slice(2),
    ).toEqual([
      'is served by workload:importer',
      'calls workload:orders',
      'reads store:pg://orders',
      'then host:drop.example',
    ])
  })

  it('is nothing without ways, and names the data of its stores', () => {
    expect(told([])).toEqual([])
    const graph = shop()
    expect(dataOn(graph, pathOf(graph, [['workload:importer', 'store:s3://people']]))).toEqual(['us-ssn'])
  })
})
