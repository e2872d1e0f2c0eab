import { setTimeout as sleep } from 'node:timers/promises'
import {
  customerSitting,
  exportSitting,
  type Person,
  person,
  type Sitting,
  supportSitting,
} from './people.ts'
import { Random } from './random.ts'
import type { ShopUser } from './seed.ts'
import { attackerNames } from './truth.ts'

export interface UsersOptions {
  /** Base URL that is called: the gateway's, or the shop's own. */
  readonly target: string
  readonly shop: { readonly users: readonly ShopUser[] }
  readonly seed: number
  /** Calls per second once the warm-up is over; 12 when absent. At most 200. */
  readonly rate?: number
  /** Calls per second in the first `warmUpMs`, in which everything is shown once; 50 and 25,000 when absent. */
  readonly warmUpRate?: number
  readonly warmUpMs?: number
  readonly signal: AbortSignal
}

export interface UserStatus {
  readonly calls: number
  /** Calls by status; 0 is no answer. */
  readonly statuses: Readonly<Record<number, number>>
}

export interface Users {
  status(): UserStatus
  /** Makes this many calls, one after another, without waiting between them. */
  stepUsers(calls: number): Promise<void>
}

export interface RunningUsers extends Users {
  /** Resolves after `signal`, when the last call under way is over. */
  readonly done: Promise<void>
}

interface Walker {
  readonly who: Person
  sitting: Sitting | undefined
  sittings: number
  /** On the crowd's own clock: whose turn is next. */
  next: number
  busy: boolean
}

const inFlight = 8

/** The shop's honest people: some forty customers of four tenants, three of support, an administrator, a partner's job. */
export function users(options: Omit<UsersOptions, 'signal' | 'rate' | 'warmUpRate' | 'warmUpMs'>): Users {
  return new Crowd(options)
}

/** Lets them use the shop at the given rate until `signal`. What the shop cannot take in time is left out, not queued. */
export function runUsers(options: UsersOptions): RunningUsers {
  const crowd = new Crowd(options)
  return {
    status: () => crowd.status(),
    stepUsers: calls => crowd.stepUsers(calls),
    done: crowd.run(options),
  }
}

class Crowd implements Users {
  readonly #walkers: Walker[]
  readonly #customers: readonly ShopUser[]
  readonly #statuses: Record<number, number> = {}
  #calls = 0

  constructor({ target, shop, seed }: Omit<UsersOptions, 'signal'>) {
    const random = new Random(seed)
    const honest = shop.users.filter(user => !attackerNames.includes(user.username))
    this.#customers = honest.filter(user => user.role === 'customer')
    this.#walkers = honest.map((user, index) => ({
      who: person(user, index, target, new Random(seed * 1_000 + index)),
      sitting: undefined,
      sittings: 0,
      next: random.next() * 3,
      busy: false,
    }))
  }

  status(): UserStatus {
    return { calls: this.#calls, statuses: { ...this.#statuses } }
  }

  async stepUsers(calls: number): Promise<void> {
    for (let count = 0; count < calls; count += 1) {
      const walker = this.#nextWalker()
      if (walker !== undefined) await this.#step(walker)
    }
  }

  async run({ signal, rate = 12, warmUpRate = 50, warmUpMs = 25_000 }: UsersOptions): Promise<void> {
    const started = performance.now()
    const under = new Set<Promise<void>>()
    while (!signal.aborted) {
      const pace = Math.min(200, performance.now() - started < warmUpMs ? warmUpRate : rate)
      const walker = under.size < inFlight ? this.#nextWalker() : undefined
      if (walker !== undefined) {
        const step: Promise<void> = this.#step(walker).finally(() => under.delete(step))
        under.add(step)
      }
      await sleep(1_000 / pace, undefined, { signal }).catch(() => {})
    }
    await Promise.all(under)
  }

  /** Whose pause ends first, of those who are not waiting for an answer. */
  #nextWalker(): Walker | undefined {
    let first: Walker | undefined
    for (const walker of this.#walkers) {
      if (!walker.busy && (first === undefined || walker.next < first.next)) first = walker
    }
    return first
  }

  /** One call of this walker. A sitting that is over begins anew after a longer pause, and at once the first time. */
  async #step(walker: Walker): Promise<void> {
    walker.busy = true
    try {
      for (let tries = 0; tries < 2; tries += 1) {
        walker.sitting ??= this.#sit(walker)
        const { done, value } = await walker.sitting.next()
        if (done !== true) {
          this.#calls += 1
          this.#statuses[value.status] = (this.#statuses[value.status] ?? 0) + 1
          walker.next += 1 + walker.who.random.next() * 4
          return
        }
        walker.sitting = undefined
        walker.next += 5 + walker.who.random.next() * 30
      }
    } finally {
      walker.busy = false
    }
  }

  #sit(walker: Walker): Sitting {
    walker.sittings += 1
    const { who } = walker
    if (who.user.role === 'support') return supportSitting(who, this.#customers)
    if (who.user.role === 'customer') return customerSitting(who, walker.sittings === 1)
    return exportSitting(who)
  }
}
