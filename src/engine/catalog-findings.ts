import type { Finding } from '../catalog/finding.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import type { CatalogFindingQuery, CatalogState, StoredFinding } from '../store/ports/catalog-state.ts'
import type { Page } from '../store/ports/state-store.ts'

/** How often the last sight of what has not changed is written again, in the time of the traffic. */
const refreshMs = 3_600_000

export interface CatalogFindingsOptions {
  readonly state: CatalogState
  /** Runs a write after those before it; false where the store refused it. */
  readonly save: (work: () => Promise<void>) => Promise<boolean>
  /** True of an endpoint that has been seen. */
  readonly knows: (endpoint: string) => boolean
}

/**
 * Carries the findings of analysis into the state store, only what differs, and tells them as they stand. What the store holds from
 * before a start goes when analysis learned its calls again, or knows the endpoint, and does not find it any more.
 */
export class CatalogFindings {
  readonly #options: CatalogFindingsOptions
  #found: readonly Finding[] = []
  #at = 0
  #live: ReadonlyMap<string, Finding> = new Map()
  #due = false
  /** As the store has it. */
  readonly #written = new Map<string, Finding>()
  /** In the store from before, and not found since: id → endpoint. */
  #standing = new Map<string, string>()
  #relearned = false
  /** Endpoints that were folded into others, the latest. */
  readonly #renamed = new BoundedMap<string, string>(10_000)
  #lastAt = 0
  #refreshedAt = Number.NEGATIVE_INFINITY

  constructor(options: CatalogFindingsOptions) {
    this.#options = options
  }

  /** Reads what stood when it was last running. */
  async read(): Promise<void> {
    for (const { id, endpoint } of await this.#options.state.standingFindings())
      this.#standing.set(id, endpoint)
  }

  /** Analysis has begun anew. @param relearned whether from calls that were recorded */
  begun(relearned: boolean): void {
    for (const [id, { endpoint }] of this.#written) this.#standing.set(id, endpoint)
    this.#written.clear()
    this.#relearned = relearned
  }

  /** Endpoints go by other names now: what is found of them is found there. */
  merged(pairs: readonly (readonly [from: string, to: string])[]): void {
    for (const [from, to] of pairs) this.#renamed.set(from, to)
  }

  /** All that is found now. @param at the time of the newest event it rests on, ms since the epoch */
  take(found: readonly Finding[], at: number): void {
    this.#found = found
    this.#live = new Map(found.map(finding => [finding.id, finding]))
    this.#at = at
    this.#due = true
  }

  /** Writes what differs from the last time. Resolves when it is stored, or was refused and is tried again the next time. */
  async flush(): Promise<void> {
    if (!this.#due) return
    this.#due = false
    if (!(await this.#options.save(() => this.#write()))) this.#due = true
  }

  /** As `flush`, with the last sight of all that is found. */
  async close(): Promise<void> {
    if (this.#live.size === 0 && !this.#due) return
    this.#refreshedAt = Number.NEGATIVE_INFINITY
    this.#due = true
    await this.flush()
  }

  /** From the store, each as it was found last. */
  async query(query: CatalogFindingQuery): Promise<Page<StoredFinding>> {
    await this.flush()
    const page = await this.#options.state.catalogFindings(query)
    return {
      ...page,
      items: page.items.map(item => {
        const finding = this.#live.get(item.finding.id)
        return finding === undefined
          ? item
          : { ...item, finding, lastSeen: Math.max(item.lastSeen, Math.floor(this.#at)) }
      }),
    }
  }

  async #write(): Promise<void> {
    const { knows } = this.#options
    const live = this.#live
    const at = this.#at
    const all = at - this.#refreshedAt >= refreshMs
    const found = all ? this.#found : this.#found.filter(one => !alike(one, this.#written.get(one.id)))
    const ended = [...this.#written.values()].filter(({ id }) => !live.has(id))
    const left = [...this.#standing].flatMap(([id, endpoint]) =>
      !live.has(id) && (this.#relearned || knows(endpoint)) ? [id] : [],
    )
    // They were found until the time before.
    for (const piece of pieces(ended)) await this.#put({ found: piece, at: this.#lastAt })
    for (const piece of pieces([...ended.map(({ id }) => id), ...left]))
      await this.#put({ found: [], gone: piece, at })
    for (const piece of pieces(found)) await this.#put({ found: piece, at })
    await this.#followDismissals(ended, found)
    for (const { id } of ended) this.#written.delete(id)
    for (const id of left) this.#standing.delete(id)
    for (const finding of found) {
      this.#standing.delete(finding.id)
      this.#written.set(finding.id, finding)
    }
    this.#lastAt = at
    if (all) this.#refreshedAt = at
  }

  /** Where all that became one finding was dismissed, so is the one. */
  async #followDismissals(ended: readonly Finding[], found: readonly Finding[]): Promise<void> {
    const former = new Map<string, Finding[]>()
    for (const finding of ended) {
      const to = this.#nameNow(finding.endpoint)
      if (to === finding.endpoint) continue
      const key = placeOf(finding, to)
      former.set(key, [...(former.get(key) ?? []), finding])
    }
    for (const finding of former.size === 0 ? [] : found) {
      const ids = former
        .get(placeOf(finding, finding.endpoint))
        ?.slice(0, 1_000)
        .map(({ id }) => id)
      if (ids === undefined || this.#written.has(finding.id)) continue
      const { items } = await this.#options.state.catalogFindings({ ids, now: this.#at, limit: 1_000 })
      const [first] = items
      if (first?.dismissed === undefined || items.some(({ dismissed }) => dismissed === undefined)) continue
      await this.#options.state.dismissFinding({ id: finding.id, ...first.dismissed })
    }
  }

  #nameNow(endpoint: string): string {
    let at = endpoint
    for (let hops = 0; hops < 16; hops += 1) {
      const next = this.#renamed.peek(at)
      if (next === undefined) break
      at = next
    }
    return at
  }

  /** The store writes without giving way: between two writes others get their turn. */
  async #put(put: Parameters<CatalogState['putCatalogFindings']>[0]): Promise<void> {
    await this.#options.state.putCatalogFindings(put)
    await new Promise<void>(resolve => setImmediate(resolve))
  }
}

/** A finding's id holds its endpoint; rule and title say what it is about. */
const placeOf = ({ rule, title }: Finding, endpoint: string): string => `${endpoint}\0${rule}\0${title}`

const pieceSize = 500

function* pieces<Item>(list: readonly Item[]): Generator<readonly Item[]> {
  for (let from = 0; from < list.length; from += pieceSize) yield list.slice(from, from + pieceSize)
}

/** `why` counts calls and `evidence` grows with them: by themselves they are not worth a write. */
const alike = (one: Finding, other: Finding | undefined): boolean =>
  one.severity === other?.severity &&
  one.endpoint === other.endpoint &&
  one.title === other.title &&
  one.fix === other.fix
