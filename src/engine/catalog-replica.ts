import type { MergeReview } from '../catalog/directions/merge-review.ts'
import type { Endpoint } from '../catalog/endpoint.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import type { CounterSet } from '../kit/counters.ts'
import type { EndpointId } from '../kit/id.ts'
import { backgroundFault } from './background-fault.ts'
import type { CatalogDesk } from './catalog-desk.ts'
import type { CatalogFindings } from './catalog-findings.ts'
import type { ChangesKeeper } from './changes-keeper.ts'
import type { LiveEvents } from './live-events.ts'
import type { CatalogNews, EndpointFacts } from './protocol.ts'
import type { CallerFacts } from './usage.ts'

/** Former names that are known; the oldest are forgotten first. */
const mostRenamed = 10_000
/** Names that an endpoint went by one after the other, at most. */
const mostHops = 16

export interface CatalogReplicaOptions {
  readonly changes: ChangesKeeper
  /** What is found of an endpoint, and what people said of it, goes with it to its new name. */
  readonly findings: Pick<CatalogFindings, 'merged'>
  readonly directions: Pick<CatalogDesk, 'follow'>
  readonly live: LiveEvents
  readonly counters: CounterSet
  readonly log: (line: string) => void
  /** When the newest specification was given, ms since the epoch. */
  readonly specifiedAt: () => number
}

/** The catalog as control knows it: what analysis, which keeps it, told of it so far. Bounded as the catalog is. */
export class CatalogReplica {
  readonly #options: CatalogReplicaOptions
  readonly #endpoints = new Map<string, EndpointFacts>()
  /** Ids that endpoints went by before words of their paths were folded. */
  readonly #renamed = new BoundedMap<string, EndpointId>(mostRenamed)
  #orphans: readonly Endpoint[] = []
  #reviews: readonly MergeReview[] = []

  constructor(options: CatalogReplicaOptions) {
    this.#options = options
  }

  /** What is new, changed or gone, kept over a restart. */
  get changes(): ChangesKeeper {
    return this.#options.changes
  }

  get size(): number {
    return this.#endpoints.size
  }

  /** In the order in which they were first told. */
  values(): IteratorObject<Endpoint> {
    return this.#endpoints.values().map(({ endpoint }) => endpoint)
  }

  /** True of an endpoint that has been seen. */
  has(id: string): boolean {
    return this.#endpoints.has(id)
  }

  /** Also by an id it went by before words of its path were folded, and of a specified operation without a call. */
  find(id: string): EndpointFacts | undefined {
    const facts = this.#endpoints.get(this.#nameNow(id))
    if (facts !== undefined) return facts
    const orphan = this.orphans().find(one => one.id === id)
    return orphan === undefined ? undefined : { endpoint: orphan, callers: [] }
  }

  /** Who calls the endpoint of this very id. */
  callers(id: string): readonly CallerFacts[] {
    return this.#endpoints.get(id)?.callers ?? []
  }

  /** Specified operations without a call; their times are those of the specifications. */
  orphans(): readonly Endpoint[] {
    const at = this.#options.specifiedAt()
    return this.#orphans.flatMap(orphan =>
      this.#endpoints.has(orphan.id) ? [] : [{ ...orphan, firstSeen: at, lastSeen: at }],
    )
  }

  /** Where words of paths were taken for values, or might have been. */
  get reviews(): readonly MergeReview[] {
    return this.#reviews
  }

  /** What analysis says of the whole catalog, in place of what it said before; what it does not say stays. */
  review(told: { readonly reviews?: readonly MergeReview[]; readonly orphans?: readonly Endpoint[] }): void {
    if (told.reviews !== undefined) this.#reviews = told.reviews
    if (told.orphans !== undefined) this.#orphans = told.orphans
  }

  /** What it learned since the last time. */
  take({ endpoints, gone, merged }: CatalogNews): void {
    const { changes, findings, directions, live, counters, log } = this.#options
    for (const id of gone) this.#endpoints.delete(id)
    for (const facts of endpoints) {
      const isNew = !this.#endpoints.has(facts.endpoint.id)
      this.#endpoints.set(facts.endpoint.id, facts)
      this.#renamed.delete(facts.endpoint.id)
      if (isNew) live.tell({ type: 'endpoint', endpoint: facts.endpoint })
    }
    for (const [from, to] of merged)
      if (from !== to && !this.#endpoints.has(from)) this.#renamed.set(from, to)
    // A merged id is not forgotten by the changes: they go on under its new name.
    const renamed = new Set(merged.map(([from]) => from))
    changes.take({
      endpoints: endpoints.map(({ endpoint }) => endpoint),
      gone: gone.filter(id => !renamed.has(id)),
      merged,
    })
    findings.merged(merged)
    const failed = backgroundFault(
      counters,
      log,
      'sallyport_state_errors_total',
      'A label could not follow its endpoint',
    )
    directions.follow(merged).catch(failed)
    counters.set('sallyport_state_entries{kind="change"}', changes.log.size)
    counters.set('sallyport_state_evictions_total{kind="change"}', changes.log.dropped)
  }

  #nameNow(id: string): string {
    let at = id
    for (let hops = 0; hops < mostHops && !this.#endpoints.has(at); hops += 1) {
      const next = this.#renamed.peek(at)
      if (next === undefined) return id
      at = next
    }
    return at
  }
}
