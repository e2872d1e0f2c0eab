import type { SallyportEvent } from '../../call/event.ts'
import type { Workload } from '../../call/workload.ts'
import { environmentOfHost, environmentWord } from '../../catalog/ownership/environment.ts'
import type { Graph } from '../../graph/graph.ts'
import { type NodeId, readNodeId } from '../../graph/node.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import { memo } from '../../kit/memo.ts'
import { keptWhole } from '../../kit/snapshot.ts'

interface Pod {
  readonly generation: string
  first: number
  last: number
}

interface Generation {
  readonly since: number
  last: number
}

interface Crew {
  readonly pods: BoundedMap<string, Pod>
  readonly generations: BoundedMap<string, Generation>
}

const podsKept = 64
const generationsKept = 8

/**
 * Which pods each workload has and which generation (deploy version, or the hash in the name of its replica set) each belongs to: whether
 * something new came with a rollout to all pods, or is the doing of one. Bounded: `capacity` workloads, the last 64 pods and 8 generations
 * of each.
 */
export class Roster {
  private readonly crews: BoundedMap<NodeId, Crew>
  private readonly sensors = new BoundedMap<string, number>(256)

  constructor(capacity = 20_000) {
    this.crews = new BoundedMap(capacity)
  }

  get size(): number {
    return this.crews.size
  }

  observe(event: SallyportEvent, graph: Graph): void {
    if (event.type === 'resource') return
    if ((event.type === 'runtime' || event.type === 'flow') && !this.sensors.has(event.source))
      this.sensors.set(event.source, event.time)
    if (event.type === 'call') {
      this.see(event.source.workload, event.time, graph)
      this.see(event.destination.workload, event.time, graph)
      return
    }
    this.see(event.workload, event.time, graph)
    if (event.type === 'flow') this.see(event.peer.workload, event.time, graph)
  }

  /** For how long the source of an event has told of anything, in milliseconds; endless where events name none. */
  sensorAge(event: SallyportEvent): number {
    if (event.type !== 'runtime' && event.type !== 'flow') return Number.POSITIVE_INFINITY
    return event.time - (this.sensors.peek(event.source) ?? event.time)
  }

  /** Pods that ran in the `within` milliseconds before the moment. */
  running(workload: NodeId, moment: number, within: number): readonly string[] {
    return this._pods(workload, ({ last }) => last > moment - within)
  }

  /** Began a generation, not the first that was ever seen, in the `within` milliseconds before the moment? */
  rolledOut(workload: NodeId, moment: number, within: number): boolean {
    return this.fresh(workload, moment, within).size > 0
  }

  /** Pods of generations that began so lately and ran since. */
  freshPods(workload: NodeId, moment: number, within: number): readonly string[] {
    const fresh = this.fresh(workload, moment, within)
    return fresh.size === 0
      ? nothing
      : this._pods(workload, ({ generation, last }) => fresh.has(generation) && last > moment - within)
  }

  /** When the pod was seen first; undefined where it is not known. */
  podSince(workload: NodeId, pod: string): number | undefined {
    return this.crews.peek(workload)?.pods.peek(pod)?.first
  }

  private fresh(workload: NodeId, moment: number, within: number): ReadonlySet<string> {
    const generations = this.crews.peek(workload)?.generations
    if (generations === undefined || generations.size < 2) return noNames
    const oldest = Math.min(...[...generations.values()].map(({ since }) => since))
    return new Set(
      [...generations.entries()].flatMap(([name, { since }]) =>
        since > oldest && since > moment - within ? [name] : [],
      ),
    )
  }

  private _pods(workload: NodeId, wanted: (pod: Pod) => boolean): readonly string[] {
    const pods = this.crews.peek(workload)?.pods
    return pods === undefined
      ? nothing
      : [...pods.entries()].flatMap(([name, pod]) => (wanted(pod) ? [name] : []))
  }

  private see(workload: Workload | undefined, time: number, graph: Graph): void {
    if (workload === undefined) return
    const generation = generationOf(workload)
    if (generation === undefined && workload.pod === undefined) return
    const id = graph.workloadId(workload)
    if (id === undefined) return
    const { pods, generations } = this.crews.ensure(id, () => ({
      pods: new BoundedMap(podsKept),
      generations: new BoundedMap(generationsKept),
    }))
    if (generation !== undefined) {
      const known = generations.peek(generation)
      if (known === undefined) generations.set(generation, { since: time, last: time })
      else known.last = Math.max(known.last, time)
    }
    if (workload.pod === undefined) return
    const pod = pods.peek(workload.pod)
    if (pod === undefined) pods.set(workload.pod, { generation: generation ?? '', first: time, last: time })
    else {
      pod.first = Math.min(pod.first, time)
      pod.last = Math.max(pod.last, time)
    }
  }

  static {
    keptWhole(Roster, 'detect/roster', 1)
  }
}

/** By the host in its name. */
const environmentOfEndpoint = memo(id => {
  const host = /^endpoint:\S+ ([^/\s]+)/.exec(id)?.[1]
  return host === undefined ? undefined : environmentOfHost(host)?.environment
})

const nothing: readonly never[] = []
const noNames: ReadonlySet<string> = new Set()

/** The hash that a replica set puts into its pods' names, else the deploy version. */
function generationOf({ pod, version }: Workload): string | undefined {
  const hash = pod === undefined ? undefined : /-([a-z0-9]{6,10})-[a-z0-9]{5}$/.exec(pod)?.[1]
  return hash !== undefined && /\d/.test(hash) ? hash : version
}

/** `production`, `staging` …: what is said of the node, else what its namespace, its cluster or its host is called. */
export function environmentOf(graph: Graph, id: NodeId): string | undefined {
  const facts = graph.factsOf(id)
  if (facts?.environment !== undefined)
    return environmentWord([facts.environment])?.environment ?? facts.environment
  if (id.startsWith('endpoint:')) return environmentOfEndpoint(id)
  if (id.startsWith('workload:'))
    return environmentOfWorkload(`${facts?.namespace ?? ''}\0${facts?.cluster ?? ''}\0${id}`)
  const node = readNodeId(id)
  if (node?.kind === 'host') return environmentOfHost(node.name)?.environment
  return node?.kind === 'store' ? environmentWord(node.name.split(/[^A-Za-z0-9]+/))?.environment : undefined
}

/** By its namespace, its cluster and what stands before its name, NUL-separated. */
const environmentOfWorkload = memo(text => {
  const [namespace = '', cluster = '', ...id] = text.split('\0')
  const node = readNodeId(id.join('\0'))
  if (node === undefined) return undefined
  const owners = node.name.split('/').slice(0, -1).reverse()
  return environmentWord([namespace, cluster, ...owners].flatMap(part => part.split(/[-_.]/)))?.environment
})
