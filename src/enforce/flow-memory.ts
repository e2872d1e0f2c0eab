import { compileEndpointPattern, type EndpointPattern, splitPath } from '../kit/endpoint-pattern.ts'
import { hash32 } from '../kit/hash.ts'

/** For how long it is remembered what a caller did, milliseconds. */
export const flowHorizonMs = 3_600_000
/** Pairs of caller and endpoint that are remembered, unless said otherwise. */
const flowCapacity = 65_536

/** Places one pair can stand in. */
const ways = 8
/** Numbers of a place: two halves of the pair's hash and seconds since the epoch. */
const width = 3
/** Before the places: second in which a pair younger than the horizon was forgotten for room. */
const head = 1
/** Turns of waiting for another loop; whoever holds a lock needs a few. */
const maxSpins = 10_000

/** Memory that the loops of one process share. */
export function createFlowBuffer(capacity = flowCapacity): SharedArrayBuffer {
  const sets = Math.max(1, Math.ceil(capacity / ways))
  return new SharedArrayBuffer(4 * (head + sets * (1 + ways * width)))
}

interface Predecessor {
  readonly pattern: EndpointPattern
  /** Since when it is followed, milliseconds. */
  readonly since: number
}

/**
 * Which callers had an answer from the endpoints that policies name as predecessors, and when: one table for all loops of a process. Bounded:
 * where there is no room the oldest of eight is forgotten, and for an hour from then on nobody who is not in here is known not to have
 * done something. So it is for the first hour of a predecessor.
 */
export class FlowMemory {
  readonly #numbers: Int32Array
  readonly #sets: number
  #predecessors = new Map<string, Predecessor>()
  /** Times that it could not be told. */
  unknown = 0
  /** Pairs younger than the horizon that were forgotten for room. */
  forgotten = 0

  constructor(buffer: SharedArrayBuffer = createFlowBuffer()) {
    this.#numbers = new Int32Array(buffer)
    this.#sets = (this.#numbers.length - head) / (1 + ways * width)
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
    if (at !== undefined && at !== 0 && now - at * 1000 <= flowHorizonMs) return Math.max(0, now / 1000 - at)
    const since = this.#predecessors.get(endpoint)?.since ?? Number.POSITIVE_INFINITY
    const complete = Math.max(since, Atomics.load(this.#numbers, 0) * 1000)
    if (at !== undefined && (now - complete >= flowHorizonMs || (tokenSince ?? 0) > complete)) return -1
    this.unknown += 1
    return undefined
  }

  #keep(pair: string, second: number): void {
    const [lock, high, low] = this.#placeOf(pair)
    const numbers = this.#numbers
    this.#locked(lock, () => {
      let oldest = lock + 1
      for (let way = 0; way < ways; way += 1) {
        const at = lock + 1 + way * width
        if (numbers[at] === high && numbers[at + 1] === low) {
          numbers[at + 2] = second
          return
        }
        if (numbers[at + 2]! < numbers[oldest + 2]!) oldest = at
      }
      if ((second - numbers[oldest + 2]!) * 1000 < flowHorizonMs) {
        this.forgotten += 1
        Atomics.store(numbers, 0, second)
      }
      numbers[oldest] = high
      numbers[oldest + 1] = low
      numbers[oldest + 2] = second
    })
  }

  /** Second in which it was done; 0 where it is not in here, undefined where that could not be looked up. */
  #find(pair: string): number | undefined {
    const [lock, high, low] = this.#placeOf(pair)
    const numbers = this.#numbers
    let found: number | undefined
    this.#locked(lock, () => {
      found = 0
      for (let way = 0; way < ways; way += 1) {
        const at = lock + 1 + way * width
        if (numbers[at] === high && numbers[at + 1] === low) found = numbers[at + 2]!
      }
    })
    return found
  }

  #placeOf(pair: string): readonly [lock: number, high: number, low: number] {
    const high = hash32(pair) | 0
    const low = hash32(pair, 1) | 0
    return [head + (hash32(pair, 2) % this.#sets) * (1 + ways * width), high, low]
  }

  /** A loop that ended while it held the lock leaves it closed: what stands behind it stays unknown. */
  #locked(lock: number, work: () => void): void {
    for (let spin = 0; spin < maxSpins; spin += 1)
      if (Atomics.compareExchange(this.#numbers, lock, 0, 1) === 0) {
        work()
        Atomics.store(this.#numbers, lock, 0)
        return
      }
  }
}
