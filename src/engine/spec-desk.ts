import { readStored, specsSetting } from '../catalog/spec/stored-specification.ts'
import type { StateStore } from '../store/ports/state-store.ts'
import type { SpecSource } from './protocol.ts'

export interface SpecDeskOptions {
  readonly state: Pick<StateStore, 'getSetting'>
  /** Told what was read, each time. */
  readonly read: (specs: readonly SpecSource[]) => void
  /** Hands them to analysis, where it runs. */
  readonly post: (specs: readonly SpecSource[]) => void
}

/** The team's specifications, read from the state store and handed to analysis whole. */
export class SpecDesk {
  readonly #options: SpecDeskOptions
  #current: readonly SpecSource[] = []
  #updatedAt = 0

  constructor(options: SpecDeskOptions) {
    this.#options = options
  }

  get current(): readonly SpecSource[] {
    return this.#current
  }

  /** When the newest of them was given, ms since the epoch; 0 where there is none. */
  get updatedAt(): number {
    return this.#updatedAt
  }

  /** Reads the state store without telling analysis: for the start. */
  async read(): Promise<void> {
    const stored = readStored(await this.#options.state.getSetting(specsSetting))
    this.#current = stored.map(({ name, source }) => ({ name, source }))
    this.#options.read(this.#current)
    this.#updatedAt = Math.max(0, ...stored.map(({ updatedAt }) => updatedAt))
  }

  /** Call after a change in the state store. */
  async handOut(): Promise<void> {
    await this.read()
    this.#options.post(this.#current)
  }
}
