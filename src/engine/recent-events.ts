import type { StoreAccess } from '../call/access.ts'
import type { FlowEvent } from '../call/flow-event.ts'
import type { IdentityEvent } from '../call/identity-event.ts'
import type { RuntimeEvent } from '../call/runtime-event.ts'
import type { NodeId } from '../graph/node.ts'
import { BoundedMap } from '../kit/bounded-map.ts'

/** What happened around calls, as its sensor told it but for its `extra`. */
export type RecentEvent = StoreAccess | FlowEvent | RuntimeEvent | IdentityEvent
export type RecentEventType = RecentEvent['type']

export interface FoundEvent {
  readonly event: RecentEvent
  /** The workload's node when it happened. */
  readonly workload: NodeId
}

export interface RecentEventsOptions {
  /** Workloads of which events are remembered; the longest silent go first. */
  readonly workloads: number
  /** Events of one type of one workload; the oldest go first. */
  readonly each: number
  /** Events that signals named, remembered besides. */
  readonly named: number
}

export const defaultRecentEventsOptions: RecentEventsOptions = { workloads: 2_000, each: 50, named: 5_000 }

/**
 * The last events of each workload, and those that signals rest on: so that evidence that is no call can be shown.
 */
export class RecentEvents {
  readonly #options: RecentEventsOptions
  readonly #byWorkload: BoundedMap<NodeId, Map<RecentEventType, FoundEvent[]>>
  readonly #byId = new Map<string, FoundEvent>()
  readonly #named: BoundedMap<string, FoundEvent>

  constructor(options: Partial<RecentEventsOptions> = {}) {
    this.#options = { ...defaultRecentEventsOptions, ...options }
    this.#named = new BoundedMap(this.#options.named)
    this.#byWorkload = new BoundedMap(this.#options.workloads, (_, types) => {
      for (const found of [...types.values()].flat()) this.#byId.delete(found.event.id)
    })
  }

  /** Events there are, named ones twice while they are recent. */
  get size(): number {
    return this.#byId.size + this.#named.size
  }

  note(workload: NodeId, event: RecentEvent): void {
    const { extra: _, ...rest } = event
    const found = { event: rest, workload }
    const types = this.#byWorkload.ensure(workload, () => new Map())
    const list = types.get(event.type)
    if (list === undefined) types.set(event.type, [found])
    else {
      list.push(found)
      if (list.length > this.#options.each) this.#byId.delete(list.shift()!.event.id)
    }
    this.#byId.set(event.id, found)
  }

  /** Signals name these: they are kept when later ones come. Ids of calls are let pass. */
  keep(ids: readonly string[]): void {
    for (const id of ids) {
      const found = this.#byId.get(id)
      if (found !== undefined && !this.#named.has(id)) this.#named.set(id, found)
    }
  }

  byId(id: string): FoundEvent | undefined {
    return this.#byId.get(id) ?? this.#named.peek(id)
  }

  /** The newest first. */
  of(workloads: readonly NodeId[], type: RecentEventType | undefined, limit: number): readonly FoundEvent[] {
    return workloads
      .flatMap(workload => {
        const types = this.#byWorkload.peek(workload)
        if (types === undefined) return []
        return type === undefined ? [...types.values()].flat() : (types.get(type) ?? [])
      })
      .sort((a, b) => b.event.time - a.event.time || (a.event.id < b.event.id ? 1 : -1))
      .slice(0, limit)
  }

  save() {
    return {
      named: [...this.#named.values()],
      recent: [...this.#byWorkload.values()].flatMap(types => [...types.values()].flat()),
    }
  }

  load({ named, recent }: ReturnType<RecentEvents['save']>): void {
    for (const { workload, event } of recent) this.note(workload, event)
    for (const found of named) this.#named.set(found.event.id, found)
  }

  /** Nodes of which there are events. */
  workloads(): readonly NodeId[] {
    return [...this.#byWorkload.keys()]
  }
}
