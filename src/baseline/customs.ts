import { BoundedMap } from '../kit/bounded-map.ts'
import type { PrincipalId } from '../kit/id.ts'
import type { Component } from '../kit/snapshot.ts'

export interface CustomsOptions {
  /** Habits remembered; the longest unused is forgotten. */
  readonly customs: number
  /** So many different principals make something normal … */
  readonly customPrincipals: number
  /** … on so many different days. */
  readonly customDays: number
  /** In settled history so many principals are enough, on any days. */
  readonly customSettled: number
  /** Days without a vote after which it is normal no more. */
  readonly customIdleDays: number
}

export const defaultCustomsOptions: CustomsOptions = {
  customs: 50_000,
  customPrincipals: 5,
  customDays: 3,
  customSettled: 3,
  customIdleDays: 90,
}

interface Vote {
  readonly principal: PrincipalId
  readonly day: number
  readonly settled: boolean
}

interface Custom {
  votes: Vote[]
  lastDay: number
  normal: boolean
}

const mostVotes = 24

/**
 * What many do is normal, what one does often is not: a habit becomes normal by the votes of different principals, one a day each. Votes
 * count a day after they were given, and only while their principal is trusted, so that an attacker who was found does not teach.
 */
export class Customs implements Component {
  readonly #options: CustomsOptions
  #customs: BoundedMap<string, Custom>

  constructor(options: Partial<CustomsOptions> = {}) {
    this.#options = { ...defaultCustomsOptions, ...options }
    this.#customs = new BoundedMap(this.#options.customs)
  }

  get size(): number {
    return this.#customs.size
  }

  /** @param habit Any words for it, e.g. `customer uses GET api.example/admin`. */
  vote(habit: string, principal: PrincipalId, day: number, settled: boolean): void {
    const custom = this.#customs.ensure(habit, () => ({ votes: [], lastDay: day, normal: false }))
    custom.lastDay = Math.max(custom.lastDay, day)
    if (custom.normal) return
    if (custom.votes.some(vote => vote.principal === principal && vote.day === day)) return
    custom.votes.push({ principal, day, settled })
    if (custom.votes.length > mostVotes) custom.votes.shift()
  }

  /** @param trusted Whether a principal's vote may count. */
  isNormal(habit: string, day: number, trusted: (principal: PrincipalId) => boolean): boolean {
    const custom = this.#customs.peek(habit)
    if (custom === undefined) return false
    const { customPrincipals, customDays, customSettled, customIdleDays } = this.#options
    if (day - custom.lastDay > customIdleDays) {
      this.#customs.delete(habit)
      return false
    }
    if (custom.normal) return true
    const valid = custom.votes.filter(vote => (vote.settled || vote.day < day) && trusted(vote.principal))
    const count = (votes: readonly Vote[]): number => new Set(votes.map(vote => vote.principal)).size
    custom.normal =
      count(valid.filter(vote => vote.settled)) >= customSettled ||
      (count(valid) >= customPrincipals && new Set(valid.map(vote => vote.day)).size >= customDays)
    if (custom.normal) custom.votes = []
    return custom.normal
  }

  save(): unknown {
    return this.#customs
  }

  load(saved: unknown): void {
    this.#customs = saved as BoundedMap<string, Custom>
  }
}
