import { isIP } from 'node:net'
import type { StoreAccess } from '../call/access.ts'
import type { ApiCall } from '../call/api-call.ts'
import type { FlowEvent } from '../call/flow-event.ts'
import type { IdentityEvent } from '../call/identity-event.ts'
import type { ResourceEvent } from '../call/resource-event.ts'
import type { RuntimeEvent } from '../call/runtime-event.ts'
import type { Workload } from '../call/workload.ts'
import type { Endpoint } from '../catalog/endpoint.ts'
import { memo } from '../kit/memo.ts'
import { keptWhole } from '../kit/snapshot.ts'
import { kubernetesStore } from './cluster/cluster-model.ts'
import { Clusters } from './cluster/clusters.ts'
import type { EdgeSource } from './edge.ts'
import { Graph } from './graph.ts'
import type { GraphOptions } from './graph-options.ts'
import { internet, type NodeId, nodeId, workloadNode } from './node.ts'
import { serviceAccountName } from './service-account-name.ts'
import { TraceLinks } from './trace-links.ts'
import { UseRecorder } from './uses/use-recorder.ts'
import { workloadName } from './workload-names.ts'

/** Where a call belongs and who made it, as the catalog and identity say. */
export interface CallPlace {
  readonly endpoint: string
  /** Absent where nobody in particular called. */
  readonly principal?: string
  /** The caller is outside: a public address. */
  readonly external: boolean
  /** Nothing was given out. */
  readonly refused: boolean
  readonly source: EdgeSource
  /** Another operation of a call that was counted: only what is between the caller, the endpoint and who serves it. */
  readonly further?: true
}

/** Turns events into edges, one after the other, in the order of their time. */
export class GraphBuilder {
  readonly graph: Graph
  private readonly traces: TraceLinks
  private readonly uses: UseRecorder
  /** Hosts that something of ours answers for: no outsiders. Bounded by the graph's hosts. */
  private readonly served = new Set<string>()
  /** What orchestrators say is there. */
  clusters: Clusters

  constructor(options: Partial<GraphOptions> = {}) {
    this.graph = new Graph(options)
    this.clusters = this.noClusters()
    this.traces = new TraceLinks(this.graph.options.traces)
    this.uses = new UseRecorder(this.graph.uses)
  }

  private noClusters(): Clusters {
    const clusters = new Clusters(this.graph, this, { objects: this.graph.options.clusterObjects })
    this.graph.clusters = clusters
    return clusters
  }

  /** Forgets what orchestrators said is there, and what is known from that alone. */
  undeclare(): void {
    const { graph } = this
    this.clusters = this.noClusters()
    graph.withdraw('kubernetes')
    graph.sweep([...graph.nodes.numbers()].map(number => graph.nodes.ids[number]!))
  }

  call(call: ApiCall, place: CallPlace): void {
    const { graph } = this
    const { time, destination, source, trace } = call
    const endpoint = endpointNode(place.endpoint)
    const bytes = call.request.bodySize + (call.response?.bodySize ?? 0)
    this._settle(time)
    const from = this.workload(source.workload ?? this.podAt(source.ip, time), time)
    const [to, ...others] = this.answering(
      destination.workload,
      destination.host,
      source.workload,
      time,
      call.request.path,
      destination.ip,
    )
    const sighting = {
      time,
      source: place.source,
      count: 1,
      bytes,
      refused: place.refused,
      protocol: 'http',
      ...(source.workload?.version === undefined ? {} : { version: source.workload.version }),
    }
    if (to !== undefined || place.source === 'gateway') this.serve(destination.host)
    this.uses.call(call, {
      from: from ?? (place.external ? internet : undefined),
      endpoint,
      server: to,
      principal: place.principal,
      refused: place.refused,
      further: place.further === true,
      host: this.served.has(destination.host) ? undefined : hostNode(destination.host),
    })
    if (from !== undefined) graph.see(from, endpoint, 'calls', sighting)
    else if (place.external) graph.see(internet, endpoint, 'calls', sighting)
    if (from !== undefined && trace?.traceId !== undefined)
      for (const served of this.traces.asked(trace.traceId, from, endpoint))
        this.leads(served as NodeId, endpoint, time)
    // A service that goes by its workload is that node already.
    if (place.principal !== undefined && !(from !== undefined && place.principal.startsWith('service:')))
      graph.see(nodeId('principal', place.principal), endpoint, 'calls', sighting)
    if (to !== undefined) {
      for (const server of [to, ...others]) {
        graph.see(endpoint, server, 'serves', sighting)
        if (from !== undefined && place.further !== true) graph.see(from, server, 'calls', sighting)
      }
      if (trace?.traceId !== undefined && !place.refused) {
        const { stores, endpoints } = this.traces.served(trace.traceId, to, endpoint, trace.spanId)
        for (const [store, writes, count] of stores)
          this.reaches(endpoint, store as NodeId, writes, time, count)
        for (const asked of endpoints) this.leads(endpoint, asked as NodeId, time)
      }
    } else if (from !== undefined && !this.served.has(destination.host)) {
      const host = nodeId('host', destination.host)
      graph.see(from, host, 'calls', sighting)
      graph.describe(host, time, { external: true })
    }
  }

  access(access: StoreAccess, source: EdgeSource): void {
    const { time, store, rows, trace } = access
    this._settle(time)
    const workload = this.workload(access.workload, time)
    const to = nodeId('store', storeName(store))
    const writes = isWrite(access.operation)
    const sighting = {
      time,
      source,
      count: 1,
      protocol: store.system,
      ...(rows === undefined ? {} : { rows }),
      ...(access.workload.version === undefined ? {} : { version: access.workload.version }),
    }
    if (access.identity !== undefined) {
      const identity = nodeId('identity', access.identity)
      this.graph.see(identity, to, writes ? 'writes' : 'reads', sighting)
      // What is granted is mostly all of a kind, what is read is one by its name.
      const all = clusterKindStore(store)
      if (all !== undefined)
        this.graph.see(identity, nodeId('store', all), writes ? 'writes' : 'reads', sighting)
      if (workload !== undefined) this.graph.see(workload, identity, 'runs-as', { time, source, count: 1 })
    }
    this.uses.right(access)
    if (workload === undefined) return
    this.graph.see(workload, to, writes ? 'writes' : 'reads', sighting)
    this.uses.access(access, workload, to)
    if (trace?.traceId === undefined) return
    for (const endpoint of this.traces.reached(trace.traceId, workload, to, writes, trace.withinSpanId))
      this.reaches(endpoint as NodeId, to, writes, time, 1)
  }

  flow(flow: FlowEvent, source: EdgeSource): void {
    const { time, peer, protocol, bytes, outcome } = flow
    this._settle(time)
    const said = this.addressed(flow.workload, time)
    const workload = this.workload(said, time)
    if (workload === undefined) return
    for (const other of this.ends(peer.workload, peer.host ?? peer.ip, said, time, peer.ip)) {
      const [from, to] = flow.direction === 'egress' ? [workload, other] : [other, workload]
      this.uses.flow(flow, from, to)
      this.graph.see(from, to, 'calls', {
        time,
        source,
        count: 1,
        refused: outcome === 'blocked' || outcome === 'denied',
        ...(bytes === undefined ? {} : { bytes }),
        ...(protocol === undefined ? {} : { protocol }),
      })
    }
  }

  identity(event: IdentityEvent, source: EdgeSource): void {
    const { time } = event
    this._settle(time)
    const identity = nodeId('identity', event.identity)
    const workload = this.workload(event.workload, time)
    const sighting = { time, source, count: 1, refused: event.outcome === 'denied' }
    if (workload !== undefined) this.graph.see(workload, identity, 'runs-as', sighting)
    if (event.target !== undefined)
      this.graph.see(identity, nodeId('identity', event.target), 'assumes', sighting)
  }

  /** Network events become edges; others only say that the workload is there. */
  runtime(event: RuntimeEvent): void {
    const { time, action, object, outcome } = event
    this._settle(time)
    const workload = this.workload(event.workload, time)
    if (workload === undefined) return
    const peer =
      action === 'network' ? this.ends(undefined, hostIn(object), event.workload, time)[0] : undefined
    // Who accepts a connection did not begin it.
    const ingress = event.extra?.direction === 'ingress'
    this.uses.runtime(event, workload, peer)
    if (peer === undefined) return
    const [from, to] = ingress ? [peer, workload] : [workload, peer]
    this.graph.see(from, to, 'calls', {
      time,
      source: 'runtime',
      count: 1,
      refused: outcome === 'blocked' || outcome === 'denied',
    })
  }

  /**
   * An object of an orchestrator was declared, changed or taken away. What follows from it is in the graph before the next event is, and
   * after `settle`.
   */
  resource(event: ResourceEvent): void {
    this.clusters.resource(event)
  }

  /** Writes what objects declare to the graph, before somebody looks at it. */
  settle(): void {
    this.clusters.settle()
  }

  /** What the catalog says of an endpoint now. */
  endpoint(endpoint: Endpoint): void {
    const { graph } = this
    const id = nodeId('endpoint', endpoint.id)
    const time = Number.isFinite(endpoint.lastSeen) ? endpoint.lastSeen : 0
    const { response } = endpoint.dataClasses
    graph.describe(id, time, {
      dataClasses: response,
      criticality: endpoint.criticality,
      exposure: endpoint.exposure === 'external' ? 'internet' : endpoint.exposure,
      ...(endpoint.labels?.owner === undefined ? {} : { owner: endpoint.labels.owner.value }),
      ...(endpoint.labels?.environment === undefined
        ? {}
        : { environment: endpoint.labels.environment.value }),
    })
    const own = graph.outOf(id, { kinds: ['reads'] }).map(edge => edge.to)
    const stores = own.length > 0 || response.length === 0 ? own : this.#ledTo(id, time)
    for (const holder of [id, ...stores])
      for (const dataClass of response)
        graph.see(holder, nodeId('data', dataClass), 'carries', { time, source: 'inferred', count: 1 })
  }

  /**
   * The store behind an endpoint that reads none itself, where all that it leads to reads one and the same: then the data comes from
   * there. Of several it cannot be said which, nor at first, while the traces of its first calls are still coming in.
   */
  #ledTo(endpoint: NodeId, time: number): readonly NodeId[] {
    const { nodes } = this.graph
    const number = nodes.numberOf(endpoint)
    if (number === undefined || time - nodes.first[number]! < tracedMs) return []
    const stores = new Set<NodeId>()
    const seen = new Set([endpoint])
    for (const asking of seen) {
      for (const { kind, to } of this.graph.outOf(asking, { kinds: ['calls', 'reads'] })) {
        if (kind === 'reads') stores.add(to)
        else if (to.startsWith('endpoint:') && seen.size < endpointsLed) seen.add(to)
      }
      if (stores.size > 1) return []
    }
    return [...stores]
  }

  /** An endpoint goes by another name now. */
  endpointMerged(from: string, to: string, time: number): void {
    this.graph.merge(nodeId('endpoint', from), nodeId('endpoint', to), time)
    this.graph.uses.rename(nodeId('endpoint', from), nodeId('endpoint', to))
  }

  /** The node of a workload, under the fullest name it is known by; undefined where it has none. */
  private workload(workload: Workload | undefined, time: number): NodeId | undefined {
    const said = workload === undefined ? undefined : workloadName(workload)
    if (workload === undefined || said === undefined) return undefined
    const { name, absorbs } = this.graph.names.resolve(said)
    const id = workloadNode(name)
    for (const poorer of absorbs) this.graph.merge(nodeId('workload', poorer), id, time)
    const { version, cluster, namespace, kind, serviceAccount, labels } = workload
    if (
      version !== undefined ||
      kind !== undefined ||
      cluster !== undefined ||
      namespace !== undefined ||
      labels !== undefined
    ) {
      const before = this.graph.factsOf(id)
      const environment = labels?.environment ?? labels?.env ?? labels?.['deployment.environment.name']
      this.graph.describe(id, time, {
        ...(kind === undefined ? {} : { kind }),
        ...(cluster === undefined ? {} : { cluster }),
        ...(namespace === undefined ? {} : { namespace }),
        ...(environment === undefined ? {} : { environment }),
        ...(version === undefined ? {} : { version }),
        ...(version === undefined || before?.version === undefined || before.version === version
          ? {}
          : { rolledOutAt: time }),
      })
    } else this.graph.node(id, time)
    this.graph.count(id)
    if (serviceAccount !== undefined) {
      const account = nodeId('identity', serviceAccountName(namespace, serviceAccount))
      this.graph.see(id, account, 'runs-as', { time, source: 'inferred', count: 1 })
    }
    return id
  }

  private _settle(time: number): void {
    if (this.clusters.changed) this.clusters.settle(time)
  }

  /** A node that is declared, under the fullest name it is known by. */
  known(id: NodeId, time: number): NodeId {
    if (!id.startsWith('workload:')) return id
    const { name, absorbs } = this.graph.names.resolve(id.slice('workload:'.length))
    const known = nodeId('workload', name)
    for (const poorer of absorbs) this.graph.merge(nodeId('workload', poorer), known, time)
    return known
  }

  /** The one workload that answers a call by what clusters say, where the call itself does not. */
  answererOf({ destination, source, request, time }: ApiCall): Workload | undefined {
    if (destination.workload !== undefined || this.clusters.empty) return undefined
    const { host, ip } = destination
    const [one, ...others] = this.answeringIn(host, source.workload, time, request.path, ip)
    return others.length === 0 ? one : undefined
  }

  /** Captures call a workload by its address. */
  private addressed(said: Workload, time: number): Workload {
    const { name, namespace } = said
    if (name === undefined || namespace !== undefined || isIP(name) === 0) return said
    return this.podAt(name, time) ?? said
  }

  private podAt(ip: string | undefined, time: number): Workload | undefined {
    return ip === undefined || this.clusters.empty ? undefined : this.clusters.atAddress(ip, time)
  }

  /** Who answers: the workload that is said, else those that the host, or else the address, stands for in a cluster. */
  private answering(
    said: Workload | undefined,
    host: string | undefined,
    from: Workload | undefined,
    time: number,
    path?: string,
    ip?: string,
  ): readonly NodeId[] {
    const known = this.workload(said, time)
    if (known !== undefined) return [known]
    if (this.clusters.empty) return []
    return this.answeringIn(host, from, time, path, ip).flatMap(
      workload => this.workload(workload, time) ?? [],
    )
  }

  private answeringIn(
    host: string | undefined,
    from: Workload | undefined,
    time: number,
    path: string | undefined,
    ip: string | undefined,
  ): readonly Workload[] {
    const named = host === undefined ? [] : this.clusters.answering(bareHost(host), from, time, path)
    return named.length > 0 || ip === undefined ? named : this.clusters.answeringAddress(ip, time)
  }

  /** The other ends of a flow: workloads where they are known, else the host. */
  private ends(
    said: Workload | undefined,
    host: string | undefined,
    from: Workload | undefined,
    time: number,
    ip?: string,
  ): readonly NodeId[] {
    const answering = this.answering(said, host, from, time, undefined, ip)
    if (answering.length > 0) return answering
    const other =
      host === undefined || this.clusters.empty ? undefined : this.clusters.externalName(bareHost(host), from)
    const end = outsider(other ?? host)
    return end === undefined ? [] : [end]
  }

  private serve(host: string): void {
    if (this.served.size < this.graph.options.hosts) this.served.add(host)
  }

  /** While it answered one endpoint, a workload called another. */
  private leads(from: NodeId, to: NodeId, time: number): void {
    this.graph.see(from, to, 'calls', { time, source: 'inferred', count: 1 })
  }

  private reaches(endpoint: NodeId, store: NodeId, writes: boolean, time: number, count: number): void {
    this.graph.see(endpoint, store, writes ? 'writes' : 'reads', { time, source: 'inferred', count })
    if (writes) return
    for (const dataClass of this.graph.factsOf(endpoint)?.dataClasses ?? [])
      this.graph.see(store, nodeId('data', dataClass), 'carries', { time, source: 'inferred', count: 1 })
  }

  static {
    keptWhole(GraphBuilder, 'graph/graph-builder', 1)
  }
}

/** After this, what an endpoint leads to has been told by its traces. */
const tracedMs = 60_000
/** Endpoints that are looked at behind one. */
const endpointsLed = 32

export { serviceAccountName }

/** `system://host/namespace/collection`; what an API server holds, `kubernetes://cluster/namespace/secrets/name`. */
export const storeName = ({ system, host, namespace, collection }: StoreAccess['store']): string => {
  const kind = clusterKind(system)
  if (kind !== undefined)
    return kubernetesStore(host, namespace ?? '*', collection === undefined ? kind : `${kind}/${collection}`)
  return `${system}://${[host, namespace, collection].filter(part => part !== undefined && part !== '').join('/')}`
}

/** All of the kind that one object of an API server is of; undefined for other stores. */
function clusterKindStore({ system, host, namespace, collection }: StoreAccess['store']): string | undefined {
  const kind = clusterKind(system)
  return kind === undefined || collection === undefined
    ? undefined
    : kubernetesStore(host, namespace ?? '*', kind)
}

/** `secrets` of `kubernetes.secrets`. */
const clusterKind = (system: string): string | undefined =>
  system.startsWith('kubernetes.') && system.length > 11 ? system.slice(11) : undefined

/** A host without its port. */
const bareHost = (host: string): string => host.replace(/^([^:]{1,253}|\[[^\]]{1,64}\]):\d{1,5}$/, '$1')

/** Endpoints and hosts are few and named by every call: one text of each is hashed once. */
const endpointNode = memo(name => nodeId('endpoint', name))
const hostNode = memo(name => nodeId('host', name))

const writing =
  /^(?:insert|update|delete|merge|upsert|replace|truncate|create|drop|alter|put|set|del|publish|send|produce|write|post|patch|remove|hset|lpush|rpush|zadd|incr|flush|batchwrite|transactwrite|copy|upload|complete|import|restore|append|rename)/i

/** Whether an operation of a store changes it. */
export const isWrite = (operation: string | undefined): boolean =>
  operation !== undefined && writing.test(operation)

const outsider = (host: string | undefined): NodeId | undefined =>
  host === undefined || host === '' ? undefined : nodeId('host', host.toLowerCase())

/** The host or address of a network event's object: `10.0.0.7:443`, `api.example.com`, `tcp://…`. */
export function hostIn(object: string | undefined): string | undefined {
  if (object === undefined) return undefined
  const remote = /(?:remoteip|daddr|sin_addr)=([0-9a-fA-F.:]{2,45})/.exec(object)?.[1]
  if (remote !== undefined) return remote
  const text = object.replace(/^[a-z]{2,8}:\/\//i, '')
  const host = /^\[?([0-9A-Za-z_.:-]{1,253}?)\]?(?::\d{1,5})?(?:\/|$)/.exec(text)?.[1]
  return host !== undefined && /[.:]/.test(host) ? host : undefined
}
