import { noTuning, type Tuning } from '../detect/tuning/tuning.ts'
import type { StateStore } from '../store/ports/state-store.ts'
import { Handover } from './handover.ts'

export interface TuningDeskOptions {
  readonly state: StateStore
  readonly log: (line: string) => void
  /** Hands it to analysis; false where there is none to hand it to. */
  readonly post: (tuning: Tuning) => boolean
}

/** What people say of detection, read from the state store and handed to analysis whole. */
export class TuningDesk {
  readonly #options: TuningDeskOptions
  readonly #handover: Handover
  #current = noTuning
  #turn: Promise<void> = Promise.resolve()

  constructor(options: TuningDeskOptions) {
    this.#options = options
    this.#handover = new Handover(() =>
      options.log('Analysis has not taken up the last word on detection yet; it will when it can.'),
    )
  }

  get current(): Tuning {
    return this.#current
  }

  /** Reads the state store without telling anybody: for the start. */
  async read(): Promise<void> {
    const { state } = this.#options
    const [suppressions, feedback, settings] = await Promise.all([
      state.suppressions(0, { all: true }),
      state.feedback(),
      state.detectorSettings(),
    ])
    this.#current = { version: this.#current.version + 1, suppressions, feedback, settings }
  }

  /** Call after a change in the state store. Resolves when analysis acts by it, or has been given up on. */
  handOut(): Promise<void> {
    const mine = this.#turn.then(async () => {
      await this.read()
      await this.#handover.give(this.#current.version, () => this.#options.post(this.#current))
    })
    this.#turn = mine.catch(() => undefined)
    return mine
  }

  /** Analysis says that it acts by this version. */
  confirm(version: number): void {
    this.#handover.confirm(version)
  }
}
