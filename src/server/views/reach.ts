import type { ToldReach } from '../../engine/graph-questions.ts'
import type { ReachView } from '../api/reach.ts'
import { nodeViewOf, pathViewOf } from './graph.ts'

export function reachViewOf({ of, reached, reachable, data, ...lists }: ToldReach): ReachView {
  const list = (all: ToldReach['stores']) => all.map(one => ({ ...one, node: nodeViewOf(one.node) }))
  return {
    of: nodeViewOf(of),
    reached,
    reachable,
    data: data.map(one => ({ ...one, path: pathViewOf(one.path) })),
    stores: list(lists.stores),
    endpoints: list(lists.endpoints),
    identities: list(lists.identities),
  }
}
