import { inCanary } from '../policy/canary.ts'

/** A policy whose effect is measured. */
export interface WatchedPolicy {
  readonly policy: string
  readonly stage: 'canary' | 'enforce'
  /** Of a canary. */
  readonly percent?: number
  /** Since when it has been at this stage, ms since the epoch. */
  readonly since: number
  /** Length of the windows in which it is measured; ten minutes when absent. */
  readonly windowMs?: number
}

/** A call that a decision point let pass or stopped. */
export interface WatchedCall {
  readonly principal: string
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly status?: number
  readonly durationMs?: number
  readonly verdict?: { readonly action: string; readonly policy?: string }
}

/** Calls of those the policy acts for, or of the others. */
export interface GroupReading {
  readonly calls: number
  readonly stopped: number
  /** Calls that the service answered, and of them those with 5xx. */
  readonly answered: number
  readonly failed: number
  /** Of the answered, milliseconds, told to a twentieth; absent without any. */
  readonly p99?: number
  /** Of the answered, those slower than 99 of 100 of the control group. */
  readonly slow: number
}

/** What was seen of one policy in the window that is open. */
export interface RolloutReading extends WatchedPolicy {
  /** Start of the window, and the last call in it. */
  readonly from: number
  readonly to: number
  readonly acting: GroupReading
  readonly control: GroupReading
  /** Distinct callers it acts for, and calls each of those stopped had stopped and made; both bounded. */
  readonly principals: number
  readonly stopped: readonly (readonly [principal: string, stopped: number])[]
}

export const watchWindowMs = 600_000
/** Policies that are watched at once; of further ones the effect is not measured. */
export const maxWatched = 50
/** Distinct callers counted in one window; with more, shares are of those. */
const maxPrincipals = 20_000
const maxStopped = 1_000

/** A window's counts of those policies, call by call. Costs nothing while none is watched. */
export class RolloutWatch {
  #watched: readonly PolicyWindow[] = []

  /** In place of those before; whose stage is the same goes on counting. */
  watch(policies: readonly WatchedPolicy[]): void {
    this.#watched = policies.slice(0, maxWatched).map(policy => {
      const known = this.#watched.find(one => one.isOf(policy))
      return known ?? new PolicyWindow(policy)
    })
  }

  get active(): boolean {
    return this.#watched.length > 0
  }

  observe(call: WatchedCall): void {
    for (const watched of this.#watched) watched.observe(call)
  }

  readings(): readonly RolloutReading[] {
    return this.#watched.flatMap(watched => watched.reading() ?? [])
  }
}

class PolicyWindow {
  readonly #policy: WatchedPolicy
  #from: number | undefined
  #to = 0
  #acting = new GroupCount()
  #control = new GroupCount()
  #principals = new Set<string>()
  #stopped = new Map<string, number>()

  constructor(policy: WatchedPolicy) {
    this.#policy = policy
  }

  isOf({ policy, since, windowMs }: WatchedPolicy): boolean {
    const mine = this.#policy
    return mine.policy === policy && mine.since === since && mine.windowMs === windowMs
  }

  observe(call: WatchedCall): void {
    const { policy, stage, percent, since, windowMs = watchWindowMs } = this.#policy
    // What was under way when the stage began was decided by the one before.
    if (call.time < since) return
    this.#from ??= call.time
    if (call.time - this.#from >= windowMs) this.#begin(call.time)
    this.#to = Math.max(this.#to, call.time)
    const isActing = stage === 'enforce' || inCanary(policy, call.principal, percent ?? 100)
    const isStopped =
      call.verdict !== undefined && call.verdict.action !== 'amend' && call.verdict.policy === policy
    const group = isActing ? this.#acting : this.#control
    group.add(call, isStopped)
    if (!isActing) return
    if (this.#principals.size < maxPrincipals) this.#principals.add(call.principal)
    if (!isStopped) return
    const count = this.#stopped.get(call.principal)
    if (count !== undefined || this.#stopped.size < maxStopped)
      this.#stopped.set(call.principal, (count ?? 0) + 1)
  }

  #begin(time: number): void {
    this.#from = time
    this.#acting = new GroupCount()
    this.#control = new GroupCount()
    this.#principals = new Set()
    this.#stopped = new Map()
  }

  reading(): RolloutReading | undefined {
    if (this.#from === undefined) return undefined
    const slowest = this.#control.quantile(0.99)
    return {
      ...this.#policy,
      from: this.#from,
      to: this.#to,
      acting: this.#acting.reading(slowest),
      control: this.#control.reading(slowest),
      principals: this.#principals.size,
      stopped: [...this.#stopped],
    }
  }
}

/** Each bucket is a twentieth wider than the one before: from a millisecond to nine minutes. */
const growth = Math.log(1.05)
const buckets = 272

class GroupCount {
  readonly #durations = new Uint32Array(buckets)
  #measured = 0
  #calls = 0
  #stopped = 0
  #answered = 0
  #failed = 0

  add({ status, durationMs, verdict }: WatchedCall, isStopped: boolean): void {
    this.#calls += 1
    if (isStopped) this.#stopped += 1
    // What any policy refused says nothing of the service.
    if (status === undefined || (verdict !== undefined && verdict.action !== 'amend')) return
    this.#answered += 1
    if (status >= 500) this.#failed += 1
    if (durationMs === undefined) return
    const bucket = Math.min(buckets - 1, Math.max(0, Math.floor(Math.log(Math.max(1, durationMs)) / growth)))
    this.#durations[bucket]! += 1
    this.#measured += 1
  }

  /** The bucket of the quantile of durations; undefined where none was measured. */
  quantile(share: number): number | undefined {
    let left = Math.ceil(this.#measured * share)
    if (left === 0) return undefined
    return this.#durations.findIndex(count => {
      left -= count
      return left <= 0
    })
  }

  /** @param slowest bucket beyond which answers count as slow; none do where it is undefined */
  reading(slowest: number = buckets): GroupReading {
    const p99 = this.quantile(0.99)
    return {
      calls: this.#calls,
      stopped: this.#stopped,
      answered: this.#answered,
      failed: this.#failed,
      ...(p99 === undefined ? {} : { p99: Math.exp((p99 + 0.5) * growth) }),
      slow: this.#durations.subarray(slowest + 1).reduce((sum, count) => sum + count, 0),
    }
  }
}
