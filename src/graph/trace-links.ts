import { BoundedMap } from '../kit/bounded-map.ts'

const maxEnds = 16

interface Ends {
  /** Endpoints by the workload that served them. */
  readonly served: (readonly [workload: string, endpoint: string])[]
  readonly reached: (readonly [workload: string, store: string, writes: boolean])[]
}

/** Which endpoint a workload was serving when it reached a store: both name the same trace. Bounded; the longest unused traces go first. */
export class TraceLinks {
  readonly #traces: BoundedMap<string, Ends>

  constructor(capacity: number) {
    this.#traces = new BoundedMap(capacity)
  }

  /** @returns Stores that the workload reached in this trace already. */
  served(
    trace: string,
    workload: string,
    endpoint: string,
  ): readonly (readonly [store: string, writes: boolean])[] {
    const ends = this.#ends(trace)
    if (!ends.served.some(one => one[0] === workload && one[1] === endpoint)) {
      if (ends.served.length === maxEnds) return nothing
      ends.served.push([workload, endpoint])
    }
    return ends.reached.flatMap(([by, store, writes]) => (by === workload ? [[store, writes] as const] : []))
  }

  /** @returns Endpoints that the workload served in this trace so far. */
  reached(trace: string, workload: string, store: string, writes: boolean): readonly string[] {
    const ends = this.#ends(trace)
    if (!ends.reached.some(one => one[0] === workload && one[1] === store && one[2] === writes)) {
      if (ends.reached.length === maxEnds) return nothing
      ends.reached.push([workload, store, writes])
    }
    return ends.served.flatMap(([by, endpoint]) => (by === workload ? [endpoint] : []))
  }

  #ends(trace: string): Ends {
    return this.#traces.ensure(trace, () => ({ served: [], reached: [] }))
  }
}

const nothing: readonly never[] = []
