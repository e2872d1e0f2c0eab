import type { GraphNode } from '../../graph/node.ts'
import type { WorkloadProfile } from '../../graph/workload-profile.ts'
import type { WorkloadDetailView, WorkloadView } from '../api/workload.ts'
import { edgeViewOf } from './graph.ts'
import { present } from './present.ts'
import { stamp } from './stamp.ts'

export function workloadViewOf({ name, firstSeen, lastSeen, events, facts }: GraphNode): WorkloadView {
  const { cluster, namespace, kind, version, environment, exposure, rolledOutAt } = facts
  return {
    id: name,
    name: name.slice(name.lastIndexOf('/') + 1),
    ...present({ cluster, namespace, kind, version, environment, exposure }),
    ...(rolledOutAt === undefined ? {} : { rolledOutAt: stamp(rolledOutAt) }),
    events,
    firstSeen: stamp(firstSeen),
    lastSeen: stamp(lastSeen),
  }
}

export const workloadDetailViewOf = ({ node, ...lists }: WorkloadProfile): WorkloadDetailView => ({
  ...workloadViewOf(node),
  callers: lists.callers.map(edgeViewOf),
  serves: lists.serves.map(edgeViewOf),
  calls: lists.calls.map(edgeViewOf),
  stores: lists.stores.map(edgeViewOf),
  identities: lists.identities.map(edgeViewOf),
})
