import { BoundedMap } from '../kit/bounded-map.ts'

/** Ends of each sort that are remembered of one trace. */
const maxEnds = 32

interface Ends {
  /** Endpoints by the workload that served them. */
  readonly served: (readonly [workload: string, endpoint: string])[]
  readonly reached: (readonly [workload: string, store: string, writes: boolean])[]
  /** Endpoints of others by the workload that called them. */
  readonly asked: (readonly [workload: string, endpoint: string])[]
}

/** What a workload did in a trace while it served an endpoint. */
export interface Followed {
  readonly stores: readonly (readonly [store: string, writes: boolean])[]
  readonly endpoints: readonly string[]
}

/**
 * Which endpoint a workload was serving when it reached a store or called another endpoint: all name the same trace. Bounded; the
 * longest unused traces go first.
 */
export class TraceLinks {
  readonly #traces: BoundedMap<string, Ends>

  constructor(capacity: number) {
    this.#traces = new BoundedMap(capacity)
  }

  /** @returns What the workload reached and called in this trace already. */
  served(trace: string, workload: string, endpoint: string): Followed {
    const ends = this.#ends(trace)
    if (!ends.served.some(one => one[0] === workload && one[1] === endpoint)) {
      if (ends.served.length === maxEnds) return nothingFollowed
      ends.served.push([workload, endpoint])
    }
    return {
      stores: ends.reached.flatMap(([by, store, writes]) =>
        by === workload ? [[store, writes] as const] : [],
      ),
      endpoints: ends.asked.flatMap(([by, asked]) => (by === workload ? [asked] : [])),
    }
  }

  /** @returns Endpoints that the workload served in this trace so far. */
  reached(trace: string, workload: string, store: string, writes: boolean): readonly string[] {
    const ends = this.#ends(trace)
    if (!ends.reached.some(one => one[0] === workload && one[1] === store && one[2] === writes)) {
      if (ends.reached.length === maxEnds) return nothing
      ends.reached.push([workload, store, writes])
    }
    return servedBy(ends, workload)
  }

  /** @returns Endpoints that the calling workload served in this trace so far. */
  asked(trace: string, workload: string, endpoint: string): readonly string[] {
    const ends = this.#ends(trace)
    if (!ends.asked.some(one => one[0] === workload && one[1] === endpoint)) {
      if (ends.asked.length === maxEnds) return nothing
      ends.asked.push([workload, endpoint])
    }
    return servedBy(ends, workload)
  }

  #ends(trace: string): Ends {
    return this.#traces.ensure(trace, () => ({ served: [], reached: [], asked: [] }))
  }
}

const servedBy = ({ served }: Ends, workload: string): readonly string[] =>
  served.flatMap(([by, endpoint]) => (by === workload ? [endpoint] : []))

const nothing: readonly never[] = []
const nothingFollowed: Followed = Object.freeze({ stores: nothing, endpoints: nothing })
