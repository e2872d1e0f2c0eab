import type { ApiCall } from '../call/api-call.ts'
import type { ContextEvent } from '../call/event.ts'
import type { Workload } from '../call/workload.ts'
import type { Endpoint } from '../catalog/endpoint.ts'
import { exposureOf } from '../catalog/exposure.ts'
import type { Graph, NewEdge } from '../graph/graph.ts'
import { GraphBuilder } from '../graph/graph-builder.ts'
import type { GraphOptions } from '../graph/graph-options.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import type { EndpointId, PrincipalId } from '../kit/id.ts'
import { edgeSourceOf } from './edge-source.ts'
import { RecentEvents } from './recent-events.ts'

/** Where analysis put a call. */
export interface PlacedCall {
  readonly endpoint: EndpointId
  /** Absent where nobody in particular called. */
  readonly principal?: PrincipalId
  readonly refused: boolean
  /** Not the first operation of the call. */
  readonly further: boolean
}

/** Feeds the graph: events as they come, and what the catalog says of endpoints once somebody looks. */
export class RuntimeGraph {
  #builder: GraphBuilder
  /** Endpoints that the catalog may tell otherwise by now. */
  #stale = new Set<EndpointId>()
  /** Who used a credential last, by the beginning of its fingerprint that masks show. */
  #owners = new BoundedMap<string, PrincipalId>(50_000)

  constructor(options: Partial<GraphOptions> = {}) {
    this.#builder = new GraphBuilder(options)
  }

  readonly recent = new RecentEvents()
  /** Rises with every event. */
  changes = 0

  call(call: ApiCall, { endpoint, principal, refused, further }: PlacedCall): void {
    if (principal !== undefined)
      for (const { fingerprint } of call.credentials) this.#owners.set(shortOf(fingerprint), principal)
    this.changes += 1
    this.#builder.call(call, {
      endpoint,
      ...(principal === undefined ? {} : { principal }),
      external: exposureOf(call, 'unknown') === 'external',
      refused,
      source: edgeSourceOf(call),
      ...(further ? { further } : {}),
    })
    this.#stale.add(endpoint)
  }

  /** A call that another sensor told before: it adds which workloads were at its ends, and is no further call of the caller's. */
  callAgain(call: ApiCall, endpoint: EndpointId): void {
    this.changes += 1
    this.#builder.call(call, { endpoint, external: false, refused: false, source: edgeSourceOf(call) })
    this.#stale.add(endpoint)
  }

  /** The one workload that answers a call as clusters say, where the call itself does not. */
  answererOf(call: ApiCall): Workload | undefined {
    return this.#builder.answererOf(call)
  }

  /** Whose credential it is, by its fingerprint or the first twelve characters of it. */
  ownerOf(fingerprint: string): PrincipalId | undefined {
    return this.#owners.peek(shortOf(fingerprint))
  }

  event(event: ContextEvent): void {
    this.changes += 1
    const source = edgeSourceOf(event)
    if (event.type === 'access') this.#builder.access(event, source)
    else if (event.type === 'flow') this.#builder.flow(event, source)
    else if (event.type === 'identity') this.#builder.identity(event, source)
    else if (event.type === 'runtime') this.#builder.runtime(event)
    else this.#builder.resource(event)
    if (event.type === 'resource') return
    const workload = this.graph.workloadId(event.workload)
    if (workload !== undefined) this.recent.note(workload, event)
  }

  /** Edges that began since this was asked last. */
  drainBegan(): readonly NewEdge[] {
    return this.#builder.graph.drainBegan()
  }

  stale(endpoint: EndpointId): void {
    this.#stale.add(endpoint)
  }

  merged(from: EndpointId, to: EndpointId, time: number): void {
    this.#stale.delete(from)
    this.#stale.add(to)
    this.#builder.endpointMerged(from, to, time)
  }

  /** What the catalog says of an endpoint now. */
  describe(endpoint: Endpoint): void {
    this.#stale.delete(endpoint.id)
    this.#builder.endpoint(endpoint)
  }

  /** What orchestrators declared is gone: whoever told it tells it anew after a start. What happened stays. */
  undeclare(): void {
    this.#builder.undeclare()
  }

  /** The graph with every endpoint described as the catalog has it now. */
  now(endpointOf: (id: EndpointId) => Endpoint | undefined): Graph {
    for (const id of this.#stale) {
      const endpoint = endpointOf(id)
      if (endpoint !== undefined) this.#builder.endpoint(endpoint)
    }
    this.#stale.clear()
    this.#builder.settle()
    return this.#builder.graph
  }

  /** The graph as it stands; endpoints may be described as they were. */
  get graph(): Graph {
    return this.#builder.graph
  }

  save() {
    return {
      changes: this.changes,
      builder: this.#builder,
      stale: this.#stale,
      owners: this.#owners,
      recent: this.recent.save(),
    }
  }

  load(saved: ReturnType<RuntimeGraph['save']>): void {
    this.changes = saved.changes
    this.#builder = saved.builder
    this.#stale = saved.stale
    this.#owners = saved.owners
    this.recent.load(saved.recent)
  }
}

const shortOf = (fingerprint: string): string => fingerprint.slice(0, 12)
