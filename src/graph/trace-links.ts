import { BoundedMap } from '../kit/bounded-map.ts'
import { keptWhole } from '../kit/snapshot.ts'

/** Ends of each sort that are remembered of one trace. */
const maxEnds = 32

interface Reached {
  readonly workload: string
  readonly store: string
  readonly writes: boolean
  /** The span of the request that was being answered. */
  readonly within: string | undefined
  /** Accesses that no endpoint has been told of: the request's span is still to come. */
  waiting: number
}

interface Ends {
  /** Endpoints by the workload that served them, and the span that did. */
  readonly served: (readonly [workload: string, endpoint: string, span: string | undefined])[]
  readonly reached: Reached[]
  /** Endpoints of others by the workload that called them. */
  readonly asked: (readonly [workload: string, endpoint: string])[]
}

/** What a workload did in a trace while it served an endpoint. */
export interface Followed {
  readonly stores: readonly (readonly [store: string, writes: boolean, count: number])[]
  readonly endpoints: readonly string[]
}

/**
 * Which endpoint a workload was serving when it reached a store or called another endpoint: all name the same trace. An access that names
 * the request it belongs to is of that one alone; one that does not, of all that the workload serves in the trace. Bounded; the longest
 * unused traces go first.
 */
export class TraceLinks {
  private readonly traces: BoundedMap<string, Ends>

  constructor(capacity: number) {
    this.traces = new BoundedMap(capacity)
  }

  /**
   * @param span Of the workload, while it served.
   * @returns What the workload reached and called in this trace already.
   */
  served(trace: string, workload: string, endpoint: string, span?: string): Followed {
    const ends = this.ends(trace)
    if (!ends.served.some(one => one[0] === workload && one[1] === endpoint && one[2] === span)) {
      if (ends.served.length === maxEnds) return nothingFollowed
      ends.served.push([workload, endpoint, span])
    }
    const stores: (readonly [string, boolean, number])[] = []
    for (const one of ends.reached) {
      if (one.workload !== workload) continue
      if (one.within === undefined) stores.push([one.store, one.writes, 1])
      else if (one.within === span && one.waiting > 0) {
        stores.push([one.store, one.writes, one.waiting])
        one.waiting = 0
      }
    }
    return { stores, endpoints: ends.asked.flatMap(([by, asked]) => (by === workload ? [asked] : [])) }
  }

  /**
   * @param within The span of the request that the workload was answering.
   * @returns Endpoints that the access counts for: what that span served, or without one, all that the workload served in this trace.
   */
  reached(
    trace: string,
    workload: string,
    store: string,
    writes: boolean,
    within?: string,
  ): readonly string[] {
    const ends = this.ends(trace)
    let known = ends.reached.find(
      one =>
        one.workload === workload && one.store === store && one.writes === writes && one.within === within,
    )
    if (known === undefined) {
      if (ends.reached.length === maxEnds) return nothing
      known = { workload, store, writes, within, waiting: 0 }
      ends.reached.push(known)
    }
    if (within === undefined) return servedBy(ends, workload)
    const served = ends.served.find(one => one[0] === workload && one[2] === within)
    if (served !== undefined) return [served[1]]
    known.waiting += 1
    return nothing
  }

  /** @returns Endpoints that the calling workload served in this trace so far. */
  asked(trace: string, workload: string, endpoint: string): readonly string[] {
    const ends = this.ends(trace)
    if (!ends.asked.some(one => one[0] === workload && one[1] === endpoint)) {
      if (ends.asked.length === maxEnds) return nothing
      ends.asked.push([workload, endpoint])
    }
    return servedBy(ends, workload)
  }

  private ends(trace: string): Ends {
    return this.traces.ensure(trace, () => ({ served: [], reached: [], asked: [] }))
  }

  static {
    keptWhole(TraceLinks, 'graph/trace-links', 1)
  }
}

/** Each endpoint once, though it served the trace more than once. */
const servedBy = ({ served }: Ends, workload: string): readonly string[] => [
  ...new Set(served.flatMap(([by, endpoint]) => (by === workload ? [endpoint] : []))),
]

const nothing: readonly never[] = []
const nothingFollowed: Followed = Object.freeze({ stores: nothing, endpoints: nothing })
