import { setTimeout as sleep } from 'node:timers/promises'
import { type AttackStep, attackRounds } from './attacks.ts'
import { Random } from './random.ts'
import type { ShopUser } from './seed.ts'
import { type AttackTruth, attacks } from './truth.ts'

export interface AttackersOptions {
  /** Base URL that is called: the gateway's, or the shop's own. */
  readonly target: string
  readonly shop: { readonly users: readonly ShopUser[] }
  readonly seed: number
  readonly signal: AbortSignal
  /** Before the first attack; 25,000 when absent: what is normal must be seen first. */
  readonly delayMs?: number
  /** Between two rounds of attacks; 45,000 when absent. */
  readonly pauseMs?: number
}

export interface AttackerStatus {
  readonly id: AttackTruth['id']
  readonly title: string
  /** The account in use, where there is one. */
  readonly username?: string
  readonly calls: number
  /** Calls answered 401, 403 or 429. */
  readonly refused: number
  /** Of the last call; 0 when no answer came, undefined before the first. */
  readonly lastStatus?: number
  readonly active: boolean
}

export interface Attackers {
  status(): readonly AttackerStatus[]
  /** Makes this many calls of one attack without waiting between them; it begins anew when a round is over. */
  stepAttacker(id: AttackTruth['id'], calls: number): Promise<void>
}

export interface RunningAttackers extends Attackers {
  /** Resolves after `signal`, when the last call under way is over. */
  readonly done: Promise<void>
}

class Attacker {
  readonly #truth: AttackTruth
  readonly #begin: () => AsyncGenerator<AttackStep, void, void>
  #round: AsyncGenerator<AttackStep, void, void> | undefined
  #calls = 0
  #refused = 0
  #lastStatus: number | undefined
  active = false

  constructor(truth: AttackTruth, { target, shop, seed }: Omit<AttackersOptions, 'signal'>) {
    this.#truth = truth
    const random = new Random(seed * 97 + attacks.indexOf(truth))
    this.#begin = () => attackRounds[truth.id]({ target, users: shop.users, random, truth })
  }

  get id(): AttackTruth['id'] {
    return this.#truth.id
  }

  /** The next call; resolves with the wait after it, undefined at the end of a round. */
  async step(): Promise<number | undefined> {
    this.#round ??= this.#begin()
    const { done, value } = await this.#round.next()
    if (done === true) {
      this.#round = undefined
      return undefined
    }
    this.#calls += 1
    this.#lastStatus = value.reply.status
    if ([401, 403, 429].includes(value.reply.status)) this.#refused += 1
    return value.pauseMs
  }

  /** One round, or for an attack without end until `signal`. */
  async run(signal: AbortSignal): Promise<void> {
    this.active = true
    while (!signal.aborted) {
      const pauseMs = await this.step()
      if (pauseMs === undefined) break
      await wait(pauseMs, signal)
    }
    this.active = false
  }

  status(): AttackerStatus {
    const { id, title, username } = this.#truth
    return {
      id,
      title,
      ...(username === undefined ? {} : { username }),
      calls: this.#calls,
      refused: this.#refused,
      ...(this.#lastStatus === undefined ? {} : { lastStatus: this.#lastStatus }),
      active: this.active,
    }
  }
}

const wait = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal }).catch(() => {})

/** The range's attackers, one call at a time, driven by hand. */
export function attackers(options: Omit<AttackersOptions, 'signal' | 'delayMs' | 'pauseMs'>): Attackers {
  return handle(attacks.map(truth => new Attacker(truth, options)))
}

/** After `delayMs` mallory begins and goes on; the others follow one after another, and again after a pause, until `signal`. */
export function runAttackers(options: AttackersOptions): RunningAttackers {
  const all = attacks.map(truth => new Attacker(truth, options))
  return { ...handle(all), done: run(all, options) }
}

function handle(all: readonly Attacker[]): Attackers {
  return {
    status: () => all.map(attacker => attacker.status()),
    stepAttacker: async (id, calls) => {
      const attacker = all.find(each => each.id === id)
      for (let made = 0; attacker !== undefined && made < calls; ) {
        if ((await attacker.step()) !== undefined) made += 1
      }
    },
  }
}

async function run(all: readonly Attacker[], options: AttackersOptions): Promise<void> {
  const { signal, delayMs = 25_000, pauseMs = 45_000 } = options
  await wait(delayMs, signal)
  const [endless, rounds] = [all.filter(({ id }) => id === 'walk'), all.filter(({ id }) => id !== 'walk')]
  const walking = endless.map(attacker => attacker.run(signal))
  // Her burst is over before the next attack begins, so that each is seen by itself.
  await wait(20_000, signal)
  while (!signal.aborted) {
    for (const attacker of rounds) {
      if (signal.aborted) break
      await attacker.run(signal)
      await wait(8_000, signal)
    }
    await wait(pauseMs, signal)
  }
  await Promise.all(walking)
}
