import { randomFillSync } from 'node:crypto'
import { compileEndpointPattern, type EndpointPattern, splitPath } from '../kit/endpoint-pattern.ts'
import { SaltedPlaces } from '../kit/salted-places.ts'
import { createTableBuffer, SharedTable } from '../kit/shared-table.ts'

/** For how long it is remembered what a caller did, milliseconds. */
export const flowHorizonMs = 3_600_000
/** Pairs of caller and endpoint that are remembered, unless said otherwise. */
const flowCapacity = 65_536

/** The head of the table: the second in which a pair younger than the horizon was forgotten for room, then the salt of the hashes. */
const head = { forgotten: 0, salt: 1 } as const

/** Memory that the loops of one process share. */
export function createFlowBuffer(capacity = flowCapacity): SharedArrayBuffer {
  const buffer = createTableBuffer(capacity)
  randomFillSync(new SharedTable(buffer).head.subarray(head.salt))
  return buffer
}

/** The same for what is replayed: the same calls come to the same again. */
export const createRepeatableFlowBuffer = (): SharedArrayBuffer => createTableBuffer(flowCapacity)

interface Predecessor {
  readonly pattern: EndpointPattern
  /** Since when it is followed, milliseconds. */
  readonly since: number
}

/**
 * Which callers had an answer from the endpoints that policies name as predecessors, and when: one table for all loops of a process. Bounded:
 * where there is no room the oldest of eight is forgotten, and for an hour from then on nobody who is not in here is known not to have
 * done something. So it is for the first hour of a predecessor. Pairs are kept as salted hashes: nobody can choose names that make others
 * forgotten.
 */
export class FlowMemory {
  /** By pair of principal and endpoint the second since the epoch in which it was done. */
  readonly #table: SharedTable
  readonly #places: SaltedPlaces
  #predecessors = new Map<string, Predecessor>()
  /** Times that it could not be told. */
  unknown = 0

  constructor(buffer: SharedArrayBuffer = createFlowBuffer()) {
    this.#table = new SharedTable(buffer)
    this.#places = new SaltedPlaces(this.#table, this.#table.head.subarray(head.salt))
  }

  /** Pairs younger than the horizon that were forgotten for room. */
  get forgotten(): number {
    return this.#table.forgotten
  }

  /** Follows these endpoints from now on; the ones followed before go on as they are. */
  follow(endpoints: readonly string[], now: number): void {
    const before = this.#predecessors
    this.#predecessors = new Map(
      endpoints.map(endpoint => [
        endpoint,
        before.get(endpoint) ?? { pattern: compileEndpointPattern(endpoint), since: now },
      ]),
    )
  }

  /** Takes in an answer below 400. */
  note(principal: string, method: string, template: string, known: boolean, time: number): void {
    if (this.#predecessors.size === 0) return
    const segments = splitPath(template)
    for (const [endpoint, { pattern }] of this.#predecessors)
      if ((pattern.method === undefined || pattern.method === method) && pattern.matches(segments, known))
        this.#keep(`${principal}\0${endpoint}`, Math.floor(time / 1000))
  }

  /**
   * Seconds since the principal last did it, -1 where it did not within the horizon, undefined where that cannot be told. `tokenSince`
   * (milliseconds): the caller's token was made then, so that before it there was nothing.
   */
  secondsSince(principal: string, endpoint: string, now: number, tokenSince?: number): number | undefined {
    const at = this.#find(`${principal}\0${endpoint}`)
    if (at !== 0 && now - at * 1000 <= flowHorizonMs) return Math.max(0, now / 1000 - at)
    const since = this.#predecessors.get(endpoint)?.since ?? Number.POSITIVE_INFINITY
    const complete = Math.max(since, Atomics.load(this.#table.head, head.forgotten) * 1000)
    if (now - complete >= flowHorizonMs || (tokenSince ?? 0) > complete) return -1
    this.unknown += 1
    return undefined
  }

  #keep(pair: string, second: number): void {
    const table = this.#table
    const place = this.#places.of(pair)
    table.locked(place, () => {
      const forgotten = table.forgotten
      table.values[table.ensure(place, second - flowHorizonMs / 1000)] = second
      // Under the lock: nobody is to find the pair gone and not know that something is.
      if (table.forgotten !== forgotten) Atomics.store(table.head, head.forgotten, second)
    })
  }

  /** Second in which it was done; 0 where it is not in here. */
  #find(pair: string): number {
    const table = this.#table
    const place = this.#places.of(pair)
    return table.locked(place, () => {
      const at = table.find(place)
      return at === -1 ? 0 : table.values[at]!
    })
  }
}
