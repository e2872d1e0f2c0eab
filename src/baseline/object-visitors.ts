import { BoundedMap } from '../kit/bounded-map.ts'
import { hash32 } from '../kit/hash.ts'
import type { EndpointId } from '../kit/id.ts'

const dayMs = 86_400_000
/** Entries side by side among which the longest unused gives way. */
const ways = 4
const sharedFlag = 1
const countedFlag = 2

/** Objects visited at least twice, at one endpoint. Plain data. */
interface Habit {
  exclusive: number
  shared: number
}

/** What a visit means, before it is learned. */
export interface Visit {
  /** Hash of the principal who has the object to itself by now; undefined where nobody has. */
  readonly owner: number | undefined
  /** Share of the endpoint's objects that one principal alone visits, 0 to 1, and of how many. */
  readonly exclusivity: number
  readonly objects: number
}

export interface ObjectVisitorsOptions {
  /** Objects remembered, a power of two; 16 bytes each. */
  readonly objects: number
  readonly endpoints: number
}

export const defaultObjectVisitorsOptions: ObjectVisitorsOptions = { objects: 262_144, endpoints: 5_000 }

/**
 * Who visits which object: the first principal, how often and on how many days, and whether anybody else did. In flat arrays: where four
 * objects share a place the longest unused gives way to a fifth.
 */
export class ObjectVisitors {
  readonly #options: ObjectVisitorsOptions
  #keys = new Uint32Array(0)
  #owners = new Uint32Array(0)
  #lastDays = new Uint16Array(0)
  #visits = new Uint8Array(0)
  #days = new Uint8Array(0)
  #flags = new Uint8Array(0)
  #held = 0
  readonly #habits: BoundedMap<EndpointId, Habit>
  evicted = 0

  constructor(options: Partial<ObjectVisitorsOptions> = {}) {
    this.#options = { ...defaultObjectVisitorsOptions, ...options }
    this.#habits = new BoundedMap(this.#options.endpoints)
  }

  /** What a visit of `object` by `principal` means; teaches nothing. */
  judge(endpoint: EndpointId, object: string, principal: string): Visit {
    const habit = this.#habits.peek(endpoint)
    const objects = (habit?.exclusive ?? 0) + (habit?.shared ?? 0)
    const exclusivity = objects === 0 ? 0 : (habit?.exclusive ?? 0) / objects
    const at = this.#find(hash32(object))
    const established =
      at >= 0 &&
      (this.#flags[at]! & sharedFlag) === 0 &&
      this.#visits[at]! >= 2 &&
      this.#days[at]! >= 2 &&
      this.#owners[at] !== hash32(principal)
    return { owner: established ? this.#owners[at] : undefined, exclusivity, objects }
  }

  /** @param by Whether the visitor is one whose visits say whose an object is. */
  observe(endpoint: EndpointId, object: string, principal: string, time: number, by: boolean): void {
    if (!by) return
    const key = hash32(object)
    const day = Math.floor(time / dayMs) & 0xffff
    let at = this.#find(key)
    if (at < 0) {
      at = this.#place(key)
      this.#keys[at] = key
      this.#owners[at] = hash32(principal)
      this.#visits[at] = 1
      this.#days[at] = 1
      this.#flags[at] = 0
      this.#lastDays[at] = day
      return
    }
    const habit = this.#habits.ensure(endpoint, () => ({ exclusive: 0, shared: 0 }))
    const flags = this.#flags[at]!
    const shares = this.#owners[at] !== hash32(principal)
    if ((flags & countedFlag) === 0) {
      if (shares) habit.shared += 1
      else habit.exclusive += 1
      this.#flags[at] = flags | countedFlag | (shares ? sharedFlag : 0)
    } else if (shares && (flags & sharedFlag) === 0) {
      habit.exclusive = Math.max(0, habit.exclusive - 1)
      habit.shared += 1
      this.#flags[at] = flags | sharedFlag
    }
    if (!shares) {
      if (this.#visits[at]! < 255) this.#visits[at]! += 1
      if (this.#lastDays[at] !== day && this.#days[at]! < 255) this.#days[at]! += 1
    }
    this.#lastDays[at] = day
  }

  merged(from: EndpointId, to: EndpointId): void {
    const habit = this.#habits.peek(from)
    if (habit === undefined || from === to) return
    this.#habits.delete(from)
    const mine = this.#habits.ensure(to, () => ({ exclusive: 0, shared: 0 }))
    mine.exclusive += habit.exclusive
    mine.shared += habit.shared
  }

  get size(): number {
    return this.#held
  }

  #bucket(key: number): number {
    return (key & (this.#keys.length / ways - 1)) * ways
  }

  #find(key: number): number {
    if (this.#keys.length === 0) return -1
    const start = this.#bucket(key)
    for (let at = start; at < start + ways; at += 1)
      if (this.#visits[at] !== 0 && this.#keys[at] === key) return at
    return -1
  }

  #place(key: number): number {
    if (this.#held >= this.#keys.length / 2 && this.#keys.length < this.#options.objects) this.#grow()
    const start = this.#bucket(key)
    let oldest = start
    for (let at = start; at < start + ways; at += 1) {
      if (this.#visits[at] === 0) {
        this.#held += 1
        return at
      }
      if (this.#lastDays[at]! < this.#lastDays[oldest]!) oldest = at
    }
    this.evicted += 1
    return oldest
  }

  #grow(): void {
    const before = [this.#keys, this.#owners, this.#lastDays, this.#visits, this.#days, this.#flags] as const
    const length = Math.min(this.#options.objects, Math.max(1_024, 4 * this.#keys.length))
    this.#keys = new Uint32Array(length)
    this.#owners = new Uint32Array(length)
    this.#lastDays = new Uint16Array(length)
    this.#visits = new Uint8Array(length)
    this.#days = new Uint8Array(length)
    this.#flags = new Uint8Array(length)
    this.#held = 0
    const [keys, owners, lastDays, visits, days, flags] = before
    for (let index = 0; index < keys.length; index += 1) {
      if (visits[index] === 0) continue
      const at = this.#place(keys[index]!)
      this.#keys[at] = keys[index]!
      this.#owners[at] = owners[index]!
      this.#lastDays[at] = lastDays[index]!
      this.#visits[at] = visits[index]!
      this.#days[at] = days[index]!
      this.#flags[at] = flags[index]!
    }
  }

  save(): unknown {
    return {
      arrays: [this.#keys, this.#owners, this.#lastDays, this.#visits, this.#days, this.#flags],
      held: this.#held,
      habits: this.#habits,
    }
  }

  load(saved: unknown): void {
    const { arrays, held, habits } = saved as {
      readonly arrays: readonly [Uint32Array, Uint32Array, Uint16Array, Uint8Array, Uint8Array, Uint8Array]
      readonly held: number
      readonly habits: BoundedMap<EndpointId, Habit>
    }
    const [keys, owners, lastDays, visits, days, flags] = arrays
    // Copies: what was thawed may lie in the buffer of the snapshot.
    this.#keys = Uint32Array.from(keys)
    this.#owners = Uint32Array.from(owners)
    this.#lastDays = Uint16Array.from(lastDays)
    this.#visits = Uint8Array.from(visits)
    this.#days = Uint8Array.from(days)
    this.#flags = Uint8Array.from(flags)
    this.#held = held
    this.#habits.adopt(habits)
  }
}
