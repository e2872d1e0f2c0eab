import type { Clock } from '../kit/clock.ts'
import { SallyportError } from '../kit/error.ts'
import type { StateStore } from '../store/ports/state-store.ts'
import type { ControlSnapshot } from './snapshot.ts'

/** The kill switch: everything, or policies by name. */
interface Bypass {
  readonly all: boolean
  readonly policies: readonly string[]
}

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
  /** What was said of the kill switch and could not be stored: it is in force, and stored when the store takes it. */
  #unstored: Bypass | undefined
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
    const [policies, quarantine, stored] = await Promise.all([
      state.policies(),
      state.quarantine(clock.now()),
      this.#storedBypass(),
    ])
    const bypass = this.#unstored ?? stored
    this.#bypassed = bypass.policies
    const aside = new Set(bypass.policies)
    this.#current = {
      version: this.#current.version + 1,
      policies: policies
        .filter(({ name }) => !aside.has(name))
        .map(({ name, source, version }) => ({ name, source, version })),
      quarantine: quarantine.map(({ id, kind, target, expiresAt }) => ({ id, kind, target, expiresAt })),
      bypass: bypass.all,
    }
  }

  /**
   * Sets everything aside, or one policy. Off without a policy puts all of them in force again. It is in force even where the store does
   * not take it: then it is stored at a later hand-out.
   * @throws SallyportError of the store where it is in force and not stored
   */
  async setBypass(on: boolean, policy?: string): Promise<void> {
    const now = this.#unstored ?? { all: this.#current.bypass, policies: this.#bypassed }
    const others = now.policies.filter(name => name !== policy)
    const wanted: Bypass =
      policy === undefined
        ? { all: on, policies: on ? now.policies : [] }
        : { all: now.all, policies: on ? [...others, policy].sort() : others }
    this.#unstored = wanted
    const trouble = await this.#storeBypass()
    await this.handOut()
    if (trouble === undefined || this.#unstored === undefined) return
    const { code, where } = trouble
    throw new SallyportError(code, `The kill switch is in force as asked, but that could not be stored.`, {
      ...(where === undefined ? {} : { where }),
      mend: 'Free space on that disk: then it is stored within a minute. Until that a restart forgets it.',
      cause: trouble,
    })
  }

  async #storedBypass(): Promise<Bypass> {
    const { state } = this.#options
    const [all, policies] = await Promise.all([
      state.getSetting(bypassSetting),
      state.getSetting(bypassedSetting),
    ])
    return { all: all === 'on', policies: JSON.parse(policies ?? '[]') as readonly string[] }
  }

  /** Why it could not be stored. */
  async #storeBypass(): Promise<SallyportError | undefined> {
    const bypass = this.#unstored
    if (bypass === undefined) return undefined
    const { state } = this.#options
    try {
      await state.putSetting(bypassSetting, bypass.all ? 'on' : 'off')
      await state.putSetting(bypassedSetting, JSON.stringify(bypass.policies))
    } catch (thrown) {
      return SallyportError.from(thrown)
    }
    if (this.#unstored === bypass) this.#unstored = undefined
    return undefined
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
    if (this.#unstored !== undefined) await this.#storeLate()
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

  /** Who asked for it was answered with the fault; that it came about after all is in the audit log. */
  async #storeLate(): Promise<void> {
    const { state, clock } = this.#options
    const bypass = this.#unstored
    if ((await this.#storeBypass()) !== undefined) return
    const detail = { ...bypass, late: true }
    const entry = {
      time: clock.now(),
      actor: 'system',
      action: 'bypass.set',
      target: 'gateway',
      detail,
    } as const
    await state.audit(entry).catch(thrown => {
      this.#options.log(`The kill switch is stored, its audit is not: ${SallyportError.from(thrown).message}`)
    })
  }
}
