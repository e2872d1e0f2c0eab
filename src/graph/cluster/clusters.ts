import { isIP } from 'node:net'
import type { KubernetesObject, ResourceEvent } from '../../call/resource-event.ts'
import type { Workload } from '../../call/workload.ts'
import { keptWhole } from '../../kit/snapshot.ts'
import { kindOf } from '../../sensors/kubernetes/trim-object.ts'
import type { Graph } from '../graph.ts'
import { ClusterLedger, type NodeNames } from './cluster-ledger.ts'
import { ClusterModel, type WorkloadName } from './cluster-model.ts'
import { type ClusterOptions, defaultClusterOptions } from './cluster-options.ts'

/** Clusters that are told apart. */
const maxClusters = 64
/** While events come, what objects declare is written once in this time, ms of the events' own. */
const settleMs = 1_000

interface Member {
  readonly model: ClusterModel
  readonly ledger: ClusterLedger
}

/** Every cluster whose objects are known, and what they write to the graph. */
export class Clusters {
  private readonly graph: Graph
  private readonly names: NodeNames
  private readonly options: ClusterOptions
  private readonly members = new Map<string, Member>()
  private settledAt = Number.NEGATIVE_INFINITY
  private newest = 0
  /** Objects that were not taken in: no room, or a kind that is not known. */
  refused = 0

  constructor(graph: Graph, names: NodeNames, options: Partial<ClusterOptions> = {}) {
    this.graph = graph
    this.names = names
    this.options = { ...defaultClusterOptions, ...options }
  }

  get empty(): boolean {
    return this.members.size === 0
  }

  models(): readonly ClusterModel[] {
    return [...this.members.values()].map(member => member.model)
  }

  /** Takes an object in, or lets go of one. What follows from it is in the graph after `settle`. */
  resource({ cluster, object, removed, time }: ResourceEvent): void {
    const kind = modelKind(object)
    const model = kind === undefined ? undefined : this.modelOf(cluster)
    if (kind === undefined || model === undefined) {
      this.refused += 1
      return
    }
    this.newest = Math.max(this.newest, time)
    if (removed === true) model.remove(kind, object, time)
    else if (!model.has(kind, object) && this.objects() >= this.options.objects) this.refused += 1
    else model.put(kind, object, time)
  }

  /** Writes what changed to the graph. With a time, only when the last write is a second ago: objects come in floods. */
  settle(time?: number): void {
    if (time !== undefined && time < this.settledAt + settleMs) return
    for (const { model, ledger } of this.members.values())
      for (const [unit, declared] of model.drain()) ledger.take(unit, declared, this.newest)
    this.settledAt = time ?? this.settledAt
  }

  get changed(): boolean {
    for (const { model } of this.members.values()) if (model.changed) return true
    return false
  }

  /**
   * Who answers for a host or address as seen from a workload; nobody where no cluster knows it. `path` decides where a host is shared by
   * several, `time` whose an address was.
   */
  answering(host: string, from: Workload | undefined, time: number, path?: string): readonly Workload[] {
    if (isIP(host) !== 0) return this.answeringAddress(host, time)
    for (const model of this.seenFrom(from)) {
      const resolved = model.resolveHost(host, from?.namespace)
      if (resolved !== undefined && resolved.workloads.length > 0)
        return resolved.workloads.slice(0, maxAnswering).map(workload => described(model, workload))
      if (path === undefined) continue
      const routed = model.resolveRoute(host, path)
      if (routed.length > 0) return routed.slice(0, maxAnswering).map(workload => described(model, workload))
    }
    return nobody
  }

  /** The other name that a service's name stands for. */
  externalName(host: string, from: Workload | undefined): string | undefined {
    for (const model of this.seenFrom(from)) {
      const resolved = model.resolveHost(host, from?.namespace)
      if (resolved?.externalName !== undefined) return resolved.externalName
    }
    return undefined
  }

  /** Who answers at an address: the workload whose pod had it then, else those behind the service that has it. */
  answeringAddress(ip: string, time: number): readonly Workload[] {
    const pod = this.atAddress(ip, time)
    if (pod !== undefined) return [pod]
    for (const { model } of this.members.values()) {
      const workloads = model.serviceAt(ip)
      if (workloads.length > 0)
        return workloads.slice(0, maxAnswering).map(workload => described(model, workload))
    }
    return nobody
  }

  /** The workload whose pod had an address at a moment, ms since the epoch. */
  atAddress(ip: string, time: number): Workload | undefined {
    for (const { model } of this.members.values()) {
      const workload = model.workloadAt(ip, time)
      if (workload !== undefined) return described(model, workload)
    }
    return undefined
  }

  private seenFrom(from: Workload | undefined): readonly ClusterModel[] {
    const own = from?.cluster === undefined ? undefined : this.members.get(from.cluster)
    // Manifests say no cluster: they may be of any.
    const any = this.members.get('')
    if (own !== undefined) return any === undefined ? [own.model] : [own.model, any.model]
    return this.models()
  }

  private objects(): number {
    let count = 0
    for (const { model } of this.members.values()) count += model.objects
    return count
  }

  private modelOf(cluster: string | undefined): ClusterModel | undefined {
    const name = cluster ?? ''
    const known = this.members.get(name)
    if (known !== undefined) return known.model
    if (this.members.size === maxClusters) return undefined
    // What an earlier run declared is nobody's any more: the objects are told anew.
    if (this.members.size === 0) this.graph.withdraw('kubernetes')
    const model = new ClusterModel(cluster, this.options)
    this.members.set(name, { model, ledger: new ClusterLedger(this.graph, this.names) })
    return model
  }

  static {
    keptWhole(Clusters, 'graph/clusters', 1)
  }
}

/** Workloads that one service may stand for. */
const maxAnswering = 8
const nobody: readonly Workload[] = []

const described = ({ cluster }: ClusterModel, { namespace, name }: WorkloadName): Workload => ({
  ...(cluster === undefined ? {} : { cluster }),
  namespace,
  name,
})

/** How the model calls an object's kind: the kind itself, but `IstioGateway` for Istio's. Undefined where it is not known. */
export function modelKind({ apiVersion, kind, metadata }: KubernetesObject): string | undefined {
  if (kindOf(apiVersion, kind) === undefined || metadata.name === '') return undefined
  return kind === 'Gateway' && apiVersion.startsWith('networking.istio.io/') ? 'IstioGateway' : kind
}
