import type { TemplatePin } from '../catalog/directions/template-pin.ts'
import type { CatalogFile } from '../catalog/ownership/catalog-file.ts'
import type { EndpointOverride } from '../catalog/ownership/labels.ts'
import type { Clock } from '../kit/clock.ts'
import type { EndpointId } from '../kit/id.ts'
import type { StoredDirection } from '../store/ports/catalog-state.ts'
import type { StateStore } from '../store/ports/state-store.ts'
import { type Directions, noDirections } from './directions.ts'
import { Handover } from './handover.ts'

export interface CatalogDeskOptions {
  readonly state: StateStore
  readonly clock: Clock
  readonly log: (line: string) => void
  readonly file: CatalogFile | undefined
  /** Hands the directions to analysis; false where there is none to hand them to. */
  readonly post: (directions: Directions) => boolean
}

/** What analysis must obey: pins and people's words on endpoints, read from the state store and handed out whole. */
export class CatalogDesk {
  readonly #options: CatalogDeskOptions
  #current: Directions
  #turn: Promise<void> = Promise.resolve()
  readonly #handover: Handover

  constructor(options: CatalogDeskOptions) {
    this.#options = options
    this.#handover = new Handover(() =>
      options.log('Analysis has not taken up the last word on the catalog yet; it will when it can.'),
    )
    const { file } = options
    this.#current = { ...noDirections, ...(file === undefined ? {} : { file }) }
  }

  get current(): Directions {
    return this.#current
  }

  /** Reads the state store without telling anybody: for the start. */
  async read(): Promise<void> {
    const stored = await this.#options.state.directions()
    this.#current = {
      ...this.#current,
      version: this.#current.version + 1,
      pins: stored.flatMap(one => (one.kind === 'pin' ? [bodyOf<TemplatePin>(one)] : [])),
      overrides: stored.flatMap(one => (one.kind === 'override' ? [bodyOf<EndpointOverride>(one)] : [])),
    }
  }

  /** Call after a change in the state store. Resolves when analysis has told the catalog by it, or has been given up on. */
  handOut(): Promise<void> {
    return this.#inTurn(() => this.#handOutOnce())
  }

  /** Analysis says that the directions of this version are obeyed. */
  confirm(version: number): void {
    this.#handover.confirm(version)
  }

  /** Endpoints go by other names now: what a person said of one goes with it, unless the other has words of its own. */
  async follow(merged: readonly (readonly [from: EndpointId, to: EndpointId])[]): Promise<void> {
    const named = new Set(this.#current.overrides.map(({ endpoint }) => endpoint))
    const moves = merged.filter(([from]) => named.has(from))
    if (moves.length === 0) return
    await this.#inTurn(async () => {
      for (const [from, to] of moves) await this.#move(from, to)
      await this.#handOutOnce()
    })
  }

  async #move(from: EndpointId, to: EndpointId): Promise<void> {
    const { state, clock } = this.#options
    const stored = await state.directions()
    const moving = stored.find(({ id, kind }) => kind === 'override' && id === from)
    if (moving === undefined) return
    if (!stored.some(({ id }) => id === to)) {
      const body: EndpointOverride = { ...bodyOf<EndpointOverride>(moving), endpoint: to }
      await state.putDirection({ ...moving, id: to, body: JSON.stringify(body) })
    }
    await state.deleteDirection(from)
    await state.audit({
      time: clock.now(),
      actor: 'system',
      action: 'endpoint.label',
      target: to,
      detail: { merged: from },
    })
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.#turn.then(work)
    this.#turn = mine.catch(() => undefined)
    return mine
  }

  async #handOutOnce(): Promise<void> {
    await this.read()
    await this.#handover.give(this.#current.version, () => this.#options.post(this.#current))
  }
}

const bodyOf = <Body>({ body }: StoredDirection): Body => JSON.parse(body) as Body
