import type { Clock } from '../kit/clock.ts'
import type { StateStore } from '../store/ports/state-store.ts'
import type { ControlSnapshot } from './snapshot.ts'

const bypassSetting = 'bypass'
const bypassedSetting = 'bypassed-policies'
/** A gateway loop that does not confirm in this time is named in the log; the change stays stored. */
const patienceMs = 5_000

export interface ControlDeskOptions {
  readonly state: StateStore
  readonly clock: Clock
  readonly log: (line: string) => void
  /** Of the last hand-out before this start; 0 when absent. */
  readonly versionBefore?: number
  /** Hands the snapshot to every gateway loop; tells how many there are. */
  readonly post: (snapshot: ControlSnapshot) => number
}

/**
 * What the gateways must obey: policies, quarantine and the kill switch, read from the state store and handed out
 * whole. Hand-outs follow one another; each waits until every loop has confirmed it.
 */
export class ControlDesk {
  readonly #options: ControlDeskOptions
  #current: ControlSnapshot = { version: 0, policies: [], quarantine: [], bypass: false }
  #bypassed: readonly string[] = []
  #turn: Promise<void> = Promise.resolve()
  #waiting: { readonly version: number; left: number; readonly done: () => void } | undefined

  constructor(options: ControlDeskOptions) {
    this.#options = options
    this.#current = { ...this.#current, version: options.versionBefore ?? 0 }
  }

  /** Policies that are set aside, by name. */
  get bypassed(): readonly string[] {
    return this.#bypassed
  }

  get current(): ControlSnapshot {
    return this.#current
  }

  /** Reads the state store without telling anybody: for the start. */
  async read(): Promise<void> {
    const { state, clock } = this.#options
    const [policies, quarantine, bypass, bypassed] = await Promise.all([
      state.policies(),
      state.quarantine(clock.now()),
      state.getSetting(bypassSetting),
      state.getSetting(bypassedSetting),
    ])
    this.#bypassed = JSON.parse(bypassed ?? '[]') as readonly string[]
    const aside = new Set(this.#bypassed)
    this.#current = {
      version: this.#current.version + 1,
      policies: policies
        .filter(({ name }) => !aside.has(name))
        .map(({ name, source, version }) => ({ name, source, version })),
      quarantine: quarantine.map(({ id, kind, target, expiresAt }) => ({ id, kind, target, expiresAt })),
      bypass: bypass === 'on',
    }
  }

  /** Sets everything aside, or one policy. Off without a policy puts all of them in force again. */
  async setBypass(on: boolean, policy?: string): Promise<void> {
    const { state } = this.#options
    if (policy === undefined) await state.putSetting(bypassSetting, on ? 'on' : 'off')
    if (policy !== undefined || !on) {
      const others = policy === undefined ? [] : this.#bypassed.filter(name => name !== policy)
      const names = on && policy !== undefined ? [...others, policy].sort() : others
      await state.putSetting(bypassedSetting, JSON.stringify(names))
    }
    await this.handOut()
  }

  /** Call after a change in the state store. Resolves when every loop acts by it, or has been given up on. */
  handOut(): Promise<void> {
    const mine = this.#turn.then(() => this.#handOutOnce())
    this.#turn = mine.catch(() => undefined)
    return mine
  }

  /** A gateway loop says that the snapshot of this version is in force. */
  confirm(version: number): void {
    const waiting = this.#waiting
    if (waiting === undefined || waiting.version !== version) return
    waiting.left -= 1
    if (waiting.left <= 0) waiting.done()
  }

  async #handOutOnce(): Promise<void> {
    await this.read()
    const confirmed = Promise.withResolvers<void>()
    const waiting = {
      version: this.#current.version,
      left: Number.POSITIVE_INFINITY,
      done: confirmed.resolve,
    }
    this.#waiting = waiting
    waiting.left = this.#options.post(this.#current)
    if (waiting.left === 0) return
    const patience = setTimeout(() => {
      this.#options.log(
        'A gateway loop has not confirmed the last change yet; it will get it when it starts again.',
      )
      confirmed.resolve()
    }, patienceMs)
    await confirmed.promise
    clearTimeout(patience)
  }
}
