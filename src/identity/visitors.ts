import { fnv1a } from '../kit/hash.ts'
import type { PrincipalId } from '../kit/id.ts'
import { keptWhole } from '../kit/snapshot.ts'

const dayMs = 86_400_000
const minuteMs = 60_000
/** Somebody at a place is noted there once in this time. */
const stayMinutes = 60
const dayMinutes = dayMs / minuteMs

export interface VisitorsOptions {
  /** Remembered of a place; the least recently seen go first. */
  readonly principalsPerPlace: number
  /** More users than this in one day make a place shared. */
  readonly sharedUsers: number
  /** Days that a place stays shared after its last such day. */
  readonly sharedDays: number
}

/** Who was seen with one token, device or address. Most have one visitor, who needs no list. */
export class Visitors {
  private latest: PrincipalId | undefined
  /** In minutes since the epoch, as all times here: small numbers take no room of their own. */
  private latestAt = 0
  /** Those before, the latest last, and when. Grown by a copy. */
  private others: readonly PrincipalId[] | undefined
  private times: readonly number[] | undefined
  private day = -1
  /** Hashes of the users of that day: the first, and further ones, one more than make the place shared at most. */
  private user = -1
  private crowd: readonly number[] | undefined
  /** A day. */
  private sharedUntil = 0

  /** Do more users than one person could be come here? @param time Now, ms since the epoch. */
  isShared(time: number): boolean {
    return this.sharedUntil * dayMs > time
  }

  /** How many are remembered. */
  get size(): number {
    return (this.latest === undefined ? 0 : 1) + (this.others?.length ?? 0)
  }

  *[Symbol.iterator](): Generator<PrincipalId> {
    if (this.others !== undefined) yield* this.others
    if (this.latest !== undefined) yield this.latest
  }

  /** @param isUser False of clients without a login: they come and go by their headers. */
  visit(principal: PrincipalId, isUser: boolean, time: number, options: VisitorsOptions): void {
    const today = Math.floor(time / dayMs)
    const sharedUntil = today + 1 + options.sharedDays
    // Found to be shared today: it ties nobody for long, and nothing here would change that.
    if (this.sharedUntil === sharedUntil) return
    if (!this.enter(principal, Math.floor(time / minuteMs), options.principalsPerPlace) || !isUser) return
    if (today > this.day) {
      this.day = today
      this.user = -1
      this.crowd = undefined
    }
    if (this.count(fnv1a(principal) >>> 1, options.sharedUsers)) this.sharedUntil = sharedUntil
  }

  /** False for one who is here all the time: that is not noted each time. */
  private enter(principal: PrincipalId, minute: number, most: number): boolean {
    const others = this.others ?? nobody
    const times = this.times ?? never
    const isLatest = this.latest === principal
    const at = isLatest ? -1 : others.indexOf(principal)
    const before = isLatest ? this.latestAt : times[at]
    if (
      before !== undefined &&
      minute >= before &&
      minute - before < stayMinutes &&
      Math.floor(before / dayMinutes) === Math.floor(minute / dayMinutes)
    )
      return false
    if (!isLatest && this.latest !== undefined) {
      const from = at < 0 && others.length + 1 >= most ? 1 : 0
      const stays = (_: unknown, index: number): boolean => index !== at && index >= from
      const latest = most < 2 ? [] : [this.latest]
      this.others = others.filter(stays).concat(latest)
      this.times = times.filter(stays).concat(latest.map(() => this.latestAt))
    }
    this.latest = principal
    this.latestAt = minute
    return true
  }

  /** Counts a user of the day; true once there are more than `most`. */
  private count(user: number, most: number): boolean {
    const crowd = this.crowd ?? never
    if (this.user === -1) this.user = user
    else if (this.user !== user && crowd.length < most && !crowd.includes(user))
      this.crowd = crowd.concat(user)
    return (this.crowd?.length ?? 0) + 1 > most
  }

  static {
    keptWhole(Visitors, 'identity/visitors', 1)
  }
}

const nobody: readonly PrincipalId[] = []
const never: readonly number[] = []
