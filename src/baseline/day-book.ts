import { BoundedMap } from '../kit/bounded-map.ts'
import { hash32 } from '../kit/hash.ts'
import type { EndpointId, PrincipalId } from '../kit/id.ts'
import { keptWhole } from '../kit/snapshot.ts'
import type { Observation } from './observation.ts'

/** What one day of a principal came to. */
export interface Day {
  readonly calls: number
  /** Different ones. */
  readonly endpoints: number
  /** Hours with calls, UTC, ascending. */
  readonly hours: readonly number[]
  /** Of answers. */
  readonly bytes: number
}

export interface Deviation {
  readonly what: 'calls' | 'endpoints' | 'bytes' | 'hours'
  readonly text: string
  readonly value: number
  readonly usual: number
}

/** An object that a call was about. */
export interface Touched {
  readonly object: string
  readonly endpoint: EndpointId
  readonly time: number
  readonly refused: boolean
}

/** What a principal usually does in a day, against today. */
export interface DayHabits {
  readonly normal?: {
    readonly callsPerDay: number
    readonly endpoints: number
    readonly hours: readonly number[]
    readonly bytes: number
    readonly days: number
  }
  readonly today: Day & { readonly date: string }
  readonly deviations: readonly Deviation[]
  readonly objects: readonly Touched[]
}

/** Numbers of one finished day, in this order: calls, endpoints, hours as bits, bytes. */
type Past = readonly [calls: number, endpoints: number, hours: number, bytes: number]
const pastWidth = 4

interface Entry {
  day: number
  calls: number
  bytes: number
  hours: number
  /** Hashes of the different ones. These lists are grown by copies: one that is pushed to keeps room for 17 more. */
  endpoints: readonly number[]
  /** The numbers of each finished day, the latest last. */
  past: readonly number[]
  /** The latest first. */
  touched: readonly Touched[]
}

export interface DayBookOptions {
  /** Principals remembered, about 1 KB each; the least recently active are forgotten first. */
  readonly principals: number
  /** Finished days with calls that are remembered of each. */
  readonly days: number
  readonly touched: number
}

const defaults: DayBookOptions = { principals: 20_000, days: 14, touched: 20 }
const dayMs = 86_400_000
const hourMs = 3_600_000
/** Endpoints of a day that are told apart; beyond it the count stands still. */
const mostEndpoints = 256
const leastDays = 3
/** Of the usual: from so much on a day is told as unlike the others. */
const unlike = 3

/** What each principal does in a day, for a person to compare: not evidence, and nothing is raised by it. Days are those of UTC. */
export class DayBook {
  private readonly options: DayBookOptions
  private readonly entries: BoundedMap<PrincipalId, Entry>
  private today = 0

  constructor(options: Partial<DayBookOptions> = {}) {
    this.options = { ...defaults, ...options }
    this.entries = new BoundedMap(this.options.principals)
  }

  get size(): number {
    return this.entries.size
  }

  /** Principals forgotten for room. */
  get evicted(): number {
    return this.entries.evicted
  }

  /** @param object What the call was about, `invoice:7`, where it names one. */
  observe({ call, identity, match, outcome }: Observation, object: string | undefined): void {
    const day = Math.floor(call.time / dayMs)
    this.today = Math.max(this.today, day)
    const entry = this.entries.ensure(identity.principal, () => ({
      ...{ day, calls: 0, bytes: 0, hours: 0 },
      ...{ endpoints: none, past: none, touched: none },
    }))
    if (day > entry.day) this.turn(entry, day)
    entry.calls += 1
    entry.bytes += call.response?.bodySize ?? 0
    entry.hours |= 1 << Math.floor((call.time % dayMs) / hourMs)
    const endpoint = hash32(match.endpoint) | 0
    if (entry.endpoints.length < mostEndpoints && !entry.endpoints.includes(endpoint))
      entry.endpoints = entry.endpoints.concat(endpoint)
    if (object === undefined) return
    this.touch(entry, {
      object,
      endpoint: match.endpoint,
      time: call.time,
      refused: outcome === 'refused',
    })
  }

  /** Puts it first, in place of what was known of the same object: mostly what was touched last is touched again. */
  private touch(entry: Entry, touched: Touched): void {
    const list = entry.touched
    const { object, endpoint } = touched
    let at = 0
    while (at < list.length && (list[at]!.object !== object || list[at]!.endpoint !== endpoint)) at += 1
    if (at === list.length) {
      if (at === 0 || at < this.options.touched) {
        entry.touched = [touched].concat(list)
        return
      }
      at -= 1
    }
    const moved = list as Touched[]
    for (; at > 0; at -= 1) moved[at] = moved[at - 1]!
    moved[0] = touched
  }

  /** Undefined of one that was not seen, or is forgotten. */
  of(principal: PrincipalId): DayHabits | undefined {
    const entry = this.entries.peek(principal)
    if (entry === undefined) return undefined
    const isToday = entry.day === this.today
    const finished = daysOf(entry.past)
    const past: readonly Past[] = isToday ? finished : [...finished, pastOf(entry)]
    const today: Day = isToday
      ? {
          calls: entry.calls,
          endpoints: entry.endpoints.length,
          hours: hoursOf(entry.hours),
          bytes: entry.bytes,
        }
      : { calls: 0, endpoints: 0, hours: [], bytes: 0 }
    const normal = normalOf(past.slice(-this.options.days))
    return {
      ...(normal === undefined ? {} : { normal }),
      today: { ...today, date: new Date(this.today * dayMs).toISOString().slice(0, 10) },
      deviations: normal === undefined ? [] : deviationsOf(today, normal),
      objects: [...entry.touched],
    }
  }

  private turn(entry: Entry, day: number): void {
    entry.past = entry.past.concat(pastOf(entry)).slice(-this.options.days * pastWidth)
    entry.day = day
    entry.calls = 0
    entry.bytes = 0
    entry.hours = 0
    entry.endpoints = none
  }

  static {
    keptWhole(DayBook, 'baseline/day-book', 2)
  }
}

const none: readonly never[] = []

const pastOf = ({ calls, endpoints, hours, bytes }: Entry): Past => [calls, endpoints.length, hours, bytes]

const daysOf = (numbers: readonly number[]): readonly Past[] =>
  Array.from(
    { length: numbers.length / pastWidth },
    (_, day) => numbers.slice(day * pastWidth, (day + 1) * pastWidth) as unknown as Past,
  )

const hoursOf = (bits: number): readonly number[] =>
  Array.from({ length: 24 }, (_, hour) => hour).filter(hour => (bits & (1 << hour)) !== 0)

function normalOf(past: readonly Past[]): DayHabits['normal'] {
  if (past.length < leastDays) return undefined
  const often = Math.max(1, past.length / 5)
  return {
    callsPerDay: medianOf(past.map(([calls]) => calls)),
    endpoints: medianOf(past.map(([, endpoints]) => endpoints)),
    hours: hoursOf(-1).filter(
      hour => past.filter(([, , bits]) => (bits & (1 << hour)) !== 0).length >= often,
    ),
    bytes: medianOf(past.map(([, , , bytes]) => bytes)),
    days: past.length,
  }
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

function deviationsOf(today: Day, normal: NonNullable<DayHabits['normal']>): readonly Deviation[] {
  const found: Deviation[] = []
  const compare = (
    what: Deviation['what'],
    noun: string,
    value: number,
    usual: number,
    least: number,
  ): void => {
    if (value < least || value <= unlike * usual) return
    const times = usual === 0 ? '' : `, ${Math.round((10 * value) / usual) / 10} times the usual ${usual}`
    found.push({ what, text: `${value} ${noun} today${times}.`, value, usual })
  }
  compare('calls', 'calls', today.calls, normal.callsPerDay, 20)
  compare('endpoints', 'endpoints', today.endpoints, normal.endpoints, 5)
  compare('bytes', 'bytes of answers', today.bytes, normal.bytes, 100_000)
  const odd = today.hours.filter(hour => !normal.hours.includes(hour))
  if (odd.length > 0)
    found.push({
      what: 'hours',
      text: `Active at ${odd.map(hour => `${String(hour).padStart(2, '0')}:00`).join(', ')} UTC, when it usually is not.`,
      value: odd.length,
      usual: 0,
    })
  return found
}
