import { BoundedMap } from '../kit/bounded-map.ts'
import { hash32 } from '../kit/hash.ts'
import { QuantileSketch } from '../kit/quantile-sketch.ts'
import { kept } from '../kit/snapshot.ts'

const dayMs = 86_400_000

/** One actor's running day. Plain data. */
export interface DayCount {
  count: number
  /** What was added up, where there is something to add up: units, records. */
  amount: number
  /** Hashes of different things, the first 64. */
  readonly things: number[]
  /** What is raised teaches nothing. */
  raised: boolean
}

/** The running day of all actors of one kind, and how their days usually end. Plain data but for the sketch. */
interface Place {
  day: number
  readonly actors: Map<number, DayCount>
  readonly usual: QuantileSketch
}

const mostThings = 64

/**
 * How many different things each actor of a kind has to do with on a day, and how that is distributed over the actors and days before:
 * coupons by account, accounts by coupon, cards by device. A day counts once it is over.
 */
export class DailyCounts {
  readonly #actors: number
  readonly #places: BoundedMap<string, Place>

  static {
    kept<DailyCounts, readonly [number, BoundedMap<string, Place>]>(DailyCounts, {
      name: 'detect/daily-counts',
      version: 1,
      save: counts => [counts.#actors, counts.#places],
      make: ([actors, places]) => {
        const made = new DailyCounts({ places: places.capacity, actors })
        made.#places.adopt(places)
        return made
      },
    })
  }

  /** @param bounds kinds remembered, and actors of one kind on one day: further ones are not counted */
  constructor({ places = 256, actors = 5_000 }: { readonly places?: number; readonly actors?: number } = {}) {
    this.#actors = actors
    this.#places = new BoundedMap(places)
  }

  adopt(other: DailyCounts): void {
    this.#places.adopt(other.#places)
  }

  /**
   * @param amount what to add up, where days are compared by that and not by different things
   * @returns the actor's running day, with this; undefined where there is no room
   */
  add(place: string, actor: string, time: number, thing: string, amount = 0): DayCount | undefined {
    const here = this.#at(place, time)
    const key = hash32(actor)
    let count = here.actors.get(key)
    if (count === undefined) {
      if (here.actors.size >= this.#actors) return undefined
      count = { count: 0, amount: 0, things: [], raised: false }
      here.actors.set(key, count)
    }
    count.count += 1
    count.amount += amount
    const mark = hash32(thing)
    if (count.things.length < mostThings && !count.things.includes(mark)) count.things.push(mark)
    return count
  }

  /** How the days of the actors before ended: values are different things, or the amount, on a day. @param least days that must have ended */
  usual(place: string, least: number): QuantileSketch | undefined {
    const usual = this.#places.peek(place)?.usual
    return usual !== undefined && usual.count >= least ? usual : undefined
  }

  get size(): number {
    let size = 0
    for (const { actors } of this.#places.values()) size += 1 + actors.size
    return size
  }

  #at(place: string, time: number): Place {
    const day = Math.floor(time / dayMs)
    const here = this.#places.ensure(place, () => ({
      day,
      actors: new Map(),
      usual: new QuantileSketch({ alpha: 0.02, buckets: 128 }),
    }))
    if (day > here.day) {
      for (const { amount, things, raised } of here.actors.values())
        if (!raised) here.usual.add(amount > 0 ? amount : things.length)
      here.actors.clear()
      here.day = day
    }
    return here
  }
}
