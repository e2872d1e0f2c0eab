import type { SallyportEvent } from '../call/event.ts'
import type { Workload } from '../call/workload.ts'
import { BoundedMap } from '../kit/bounded-map.ts'

export interface WorkloadFacts {
  /** `namespace/name`, or as much of it as is known. */
  readonly id: string
  readonly workload: Workload
  readonly calls: number
  readonly firstSeen: number
  readonly lastSeen: number
}

export interface DataStoreFacts {
  /** `system://host/namespace/collection`. */
  readonly id: string
  readonly accesses: number
  readonly rows: number
  readonly firstSeen: number
  readonly lastSeen: number
}

export interface EdgeFacts {
  readonly from: string
  readonly to: string
  readonly kind: 'calls' | 'reads'
  readonly count: number
  readonly firstSeen: number
  readonly lastSeen: number
}

interface Tally {
  count: number
  rows: number
  readonly firstSeen: number
  lastSeen: number
}

/** Which workloads were seen to call which, and which stores they reached. Bounded; the least recently seen go first. */
export class Topology {
  readonly #workloads: BoundedMap<string, Tally & { workload: Workload }>
  readonly #stores: BoundedMap<string, Tally>
  readonly #edges: BoundedMap<string, Tally & { from: string; to: string; kind: EdgeFacts['kind'] }>

  constructor(capacity = 20_000) {
    this.#workloads = new BoundedMap(capacity)
    this.#stores = new BoundedMap(capacity)
    this.#edges = new BoundedMap(capacity)
  }

  observe(event: SallyportEvent): void {
    if (event.type === 'call') {
      const to = this.#workload(event.destination.workload, event.time)
      const from = this.#workload(event.source.workload, event.time)
      if (from !== undefined && to !== undefined) this.#edge(from, to, 'calls', event.time)
      return
    }
    if (event.type !== 'access' && event.type !== 'runtime') return
    const workload = this.#workload(event.workload, event.time)
    if (event.type === 'runtime') return
    const { system, host, namespace, collection } = event.store
    const id = `${system}://${[host, namespace, collection].filter(part => part !== undefined).join('/')}`
    const tally = this.#stores.ensure(id, () => newTally(event.time))
    tally.count += 1
    tally.rows += event.rows ?? 0
    tally.lastSeen = event.time
    if (workload !== undefined) this.#edge(workload, id, 'reads', event.time)
  }

  workloads(): readonly WorkloadFacts[] {
    return sorted(this.#workloads, (id, { workload, count, firstSeen, lastSeen }) => ({
      id,
      workload,
      calls: count,
      firstSeen,
      lastSeen,
    }))
  }

  dataStores(): readonly DataStoreFacts[] {
    return sorted(this.#stores, (id, { count, rows, firstSeen, lastSeen }) => ({
      id,
      accesses: count,
      rows,
      firstSeen,
      lastSeen,
    }))
  }

  edges(): readonly EdgeFacts[] {
    return sorted(this.#edges, (_, { from, to, kind, count, firstSeen, lastSeen }) => ({
      from,
      to,
      kind,
      count,
      firstSeen,
      lastSeen,
    }))
  }

  #workload(workload: Workload | undefined, time: number): string | undefined {
    const id = workload === undefined ? undefined : workloadId(workload)
    if (workload === undefined || id === undefined) return undefined
    const entry = this.#workloads.ensure(id, () => ({ ...newTally(time), workload: ownerOf(workload) }))
    entry.count += 1
    entry.lastSeen = time
    return id
  }

  #edge(from: string, to: string, kind: EdgeFacts['kind'], time: number): void {
    const edge = this.#edges.ensure(`${kind}\0${from}\0${to}`, () => ({ ...newTally(time), from, to, kind }))
    edge.count += 1
    edge.lastSeen = time
  }
}

const newTally = (time: number): Tally => ({ count: 0, rows: 0, firstSeen: time, lastSeen: time })

/** `cluster/namespace/name`, leaving out what is unknown; undefined without a name. */
export function workloadId({ cluster, namespace, name }: Workload): string | undefined {
  return name === undefined
    ? undefined
    : [cluster, namespace, name].filter(part => part !== undefined).join('/')
}

/** The workload is the owner, not one of its pods. */
function ownerOf({ pod: _, ...owner }: Workload): Workload {
  return owner
}

function sorted<Value, Facts>(
  map: BoundedMap<string, Value>,
  tell: (id: string, value: Value) => Facts,
): readonly Facts[] {
  return [...map.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, value]) => tell(id, value))
}
