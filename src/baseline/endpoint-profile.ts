import { DistinctCount } from '../kit/distinct-count.ts'
import { unseenMass } from '../kit/good-turing.ts'
import { hash32 } from '../kit/hash.ts'
import type { EndpointId } from '../kit/id.ts'
import { PageHinkley } from '../kit/page-hinkley.ts'
import { QuantileSketch } from '../kit/quantile-sketch.ts'
import { kept } from '../kit/snapshot.ts'
import { recordsOf } from './answer-size.ts'
import type { Observation, Outcome } from './observation.ts'
import { pagingOf } from './paging.ts'

const dayMs = 86_400_000
const sketchOptions = { alpha: 0.02, buckets: 256 }
/** Of one caller and day so many answers teach how large answers are: nobody's many calls outweigh the others. */
const votesADay = 8
const voteCells = 256
/** Sizes from which on the largest of them are known, and by how much a larger one may raise these. */
const knownSizes = 30
const slowGrowth = 1.1
/** Kinds of calls told apart for the unseen mass; further ones count as seen once. */
const mostSpecies = 64

const outcomes: readonly Outcome[] = ['success', 'refused', 'invalid', 'failed', 'unknown']

interface Saved {
  readonly id: EndpointId
  readonly number: number
  readonly aliases: readonly number[]
  readonly moreAliases: boolean
  readonly numbers: readonly number[]
  readonly outcomes: Float64Array
  readonly principals: DistinctCount
  readonly sketches: readonly QuantileSketch[]
  readonly votes: Uint8Array
  readonly species: ReadonlyMap<number, number>
  readonly shift: PageHinkley
}

/** What is usual at one endpoint. Everything is learned; nothing here judges. */
export class EndpointProfile {
  readonly id: EndpointId
  /** Stands for the endpoint in sets of principals. */
  readonly number: number
  /** Numbers of endpoints that were folded into this one, at most 64. */
  readonly aliases: number[] = []
  moreAliases = false
  /** Calls of every outcome. */
  calls = 0
  firstSeen = 0
  lastSeen = 0
  /** UTC days with calls. */
  days = 0
  #lastDay = -1
  /** Bit of each weekday seen, Sunday first. */
  #weekdays = 0
  /** Successful calls without an identity. */
  anonymousSuccesses = 0
  /** Successful calls read as settled history. */
  settledCalls = 0
  /** When the conditions of the stage were met first; 0 before. */
  readySince = 0
  #voteDay = -1
  #votes = new Uint8Array(0)
  #outcomes = new Float64Array(outcomes.length)
  #principals = new DistinctCount({ precision: 10 })
  #sketches = [0, 1, 2, 3].map(() => new QuantileSketch(sketchOptions))
  #species = new Map<number, number>()
  #speciesCalls = 0
  /** Of the logarithm of answer sizes. */
  #shift = new PageHinkley(0.1, 6, 50)

  constructor(id: EndpointId, number: number) {
    this.id = id
    this.number = number
  }

  /** Different callers with an identity. */
  get principals(): number {
    return this.#principals.count
  }

  /** Whether a Saturday or a Sunday is among the days. */
  get weekendSeen(): boolean {
    return (this.#weekdays & 0b1000001) !== 0
  }

  /** Share of the calls that ended so, 0 to 1. */
  share(outcome: Outcome): number {
    return this.calls === 0 ? 0 : (this.#outcomes[outcomes.indexOf(outcome)] ?? 0) / this.calls
  }

  count(outcome: Outcome): number {
    return this.#outcomes[outcomes.indexOf(outcome)] ?? 0
  }

  /** Share of the successes that had no identity, 0 to 1. */
  get anonymousShare(): number {
    const successes = this.count('success')
    return successes === 0 ? 0 : this.anonymousSuccesses / successes
  }

  /** Bytes of successful answers. */
  get answerBytes(): QuantileSketch {
    return this.#sketch(0)
  }

  /** Records in successful answers, see `recordsOf`. */
  get records(): QuantileSketch {
    return this.#sketch(1)
  }

  /** Milliseconds until the answer, of successes. */
  get milliseconds(): QuantileSketch {
    return this.#sketch(2)
  }

  /** Page sizes asked for, where one was. */
  get pageSizes(): QuantileSketch {
    return this.#sketch(3)
  }

  /**
   * Good and Turing's estimate of how much of what comes here has not been seen yet: kinds of calls (answer status, names of
   * parameters) seen once, over all calls. 1 before the first.
   */
  get unseenMass(): number {
    let known = 0
    for (const count of this.#species.values()) known += count
    return unseenMass(this.#species.values(), this.#speciesCalls - known)
  }

  /**
   * @param teaches Whether the caller may say what is usual here: it is trusted, identified (or the endpoint is for everybody) and was
   *   answered.
   * @returns Whether it is certain now that answers have become larger or smaller for good.
   */
  observe(o: Observation, teaches: boolean): boolean {
    const { call, identity, outcome } = o
    const day = Math.floor(call.time / dayMs)
    if (this.calls === 0) this.firstSeen = call.time
    this.calls += 1
    this.lastSeen = Math.max(this.lastSeen, call.time)
    const at = outcomes.indexOf(outcome)
    this.#outcomes[at] = (this.#outcomes[at] ?? 0) + 1
    if (day > this.#lastDay) {
      this.#lastDay = day
      this.days += 1
      this.#weekdays |= 1 << new Date(call.time).getUTCDay()
    }
    const anonymous = identity.kind === 'anonymous'
    if (outcome === 'success') {
      if (anonymous) this.anonymousSuccesses += 1
      if (o.learning) this.settledCalls += 1
    }
    if (!anonymous && outcome === 'success') this.#principals.add(identity.principal)
    if (!teaches || !this.#mayVote(identity.principal, day)) return false
    this.#speciesCalls += 1
    const kind = hash32(
      `${call.response?.status ?? 0}|${call.request.query
        .map(([name]) => name)
        .join('&')
        .slice(0, 200)}`,
    )
    const seen = this.#species.get(kind)
    if (seen !== undefined || this.#species.size < mostSpecies) this.#species.set(kind, (seen ?? 0) + 1)
    this.#sketch(0).add(call.response?.bodySize ?? 0)
    if (call.response?.content.kind === 'json') this.#addSize(1, recordsOf(call), o.learning)
    if (call.durationMs !== undefined) this.#sketch(2).add(call.durationMs)
    const { size } = pagingOf(call)
    if (size !== undefined) this.#addSize(3, size, o.learning)
    return this.#shift.add(Math.log1p(call.response?.bodySize ?? 0)) !== undefined
  }

  /** Takes over what was learned of an endpoint that is folded into this one. */
  merge(other: EndpointProfile): void {
    for (const number of [other.number, ...other.aliases])
      if (this.aliases.length < 64) this.aliases.push(number)
      else this.moreAliases = true
    this.moreAliases ||= other.moreAliases
    if (other.calls > 0)
      this.firstSeen = this.calls === 0 ? other.firstSeen : Math.min(this.firstSeen, other.firstSeen)
    this.calls += other.calls
    this.lastSeen = Math.max(this.lastSeen, other.lastSeen)
    this.days = Math.max(this.days, other.days)
    this.#lastDay = Math.max(this.#lastDay, other.#lastDay)
    this.#weekdays |= other.#weekdays
    this.anonymousSuccesses += other.anonymousSuccesses
    this.settledCalls += other.settledCalls
    for (const [at, count] of other.#outcomes.entries())
      this.#outcomes[at] = (this.#outcomes[at] ?? 0) + count
    this.#principals.merge(other.#principals)
    for (const [at, sketch] of this.#sketches.entries()) sketch.merge(other.#sketch(at))
    for (const [kind, count] of other.#species)
      if (this.#species.has(kind) || this.#species.size < mostSpecies)
        this.#species.set(kind, (this.#species.get(kind) ?? 0) + count)
    this.#speciesCalls += other.#speciesCalls
  }

  #sketch(at: number): QuantileSketch {
    return this.#sketches[at] as QuantileSketch
  }

  /** What is far beyond all before counts as a little more than these: one call does not make it usual, many on many days do. */
  #addSize(at: number, size: number, settled: boolean): void {
    const sketch = this.#sketch(at)
    const most =
      settled || sketch.count < knownSizes ? size : Math.max(1, slowGrowth * sketch.quantile(0.999))
    sketch.add(Math.min(size, most))
  }

  /** By a table of hashes: two callers that meet in one cell share their votes of the day. */
  #mayVote(principal: string, day: number): boolean {
    if (day !== this.#voteDay) {
      this.#voteDay = day
      if (this.#votes.length === 0) this.#votes = new Uint8Array(voteCells)
      else this.#votes.fill(0)
    }
    const cell = hash32(principal) % voteCells
    const votes = this.#votes[cell] ?? 0
    if (votes >= votesADay) return false
    this.#votes[cell] = votes + 1
    return true
  }

  static {
    kept<EndpointProfile, Saved>(EndpointProfile, {
      name: 'baseline/endpoint-profile',
      version: 1,
      save: one => ({
        id: one.id,
        number: one.number,
        aliases: one.aliases,
        moreAliases: one.moreAliases,
        numbers: [
          one.calls,
          one.firstSeen,
          one.lastSeen,
          one.days,
          one.#lastDay,
          one.#weekdays,
          one.anonymousSuccesses,
          one.settledCalls,
          one.readySince,
          one.#voteDay,
          one.#speciesCalls,
        ],
        outcomes: one.#outcomes,
        principals: one.#principals,
        sketches: one.#sketches,
        votes: one.#votes,
        species: one.#species,
        shift: one.#shift,
      }),
      make: saved => new EndpointProfile(saved.id, saved.number),
      settle: (one, saved) => {
        one.aliases.push(...saved.aliases)
        one.moreAliases = saved.moreAliases
        const [calls = 0, firstSeen = 0, lastSeen = 0, days = 0, lastDay = 0, weekdays = 0] = saved.numbers
        one.calls = calls
        one.firstSeen = firstSeen
        one.lastSeen = lastSeen
        one.days = days
        one.#lastDay = lastDay
        one.#weekdays = weekdays
        const [anonymous = 0, settled = 0, since = 0, voteDay = 0, speciesCalls = 0] = saved.numbers.slice(6)
        one.anonymousSuccesses = anonymous
        one.settledCalls = settled
        one.readySince = since
        one.#voteDay = voteDay
        one.#speciesCalls = speciesCalls
        one.#outcomes.set(saved.outcomes)
        one.#principals = saved.principals
        one.#sketches = [...saved.sketches]
        one.#votes = saved.votes as Uint8Array<ArrayBuffer>
        one.#species = new Map(saved.species)
        one.#shift = saved.shift
      },
    })
  }
}
