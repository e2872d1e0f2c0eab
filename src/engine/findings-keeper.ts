import type { Incident } from '../detect/incident.ts'
import type { Signal } from '../detect/signal.ts'
import type { CounterSet } from '../kit/counters.ts'
import { SallyportError } from '../kit/error.ts'
import type { IncidentId, SignalId } from '../kit/id.ts'
import type { StateStore } from '../store/ports/state-store.ts'

/**
 * Carries what analysis and the gateways found into the state store, one write after another. Findings that the store does
 * not take are kept, the newest version of each, and tried again; that is said once, not each time.
 */
export class FindingsKeeper {
  readonly #state: StateStore
  readonly #counters: CounterSet
  readonly #log: (line: string) => void
  readonly #stored: (incidents: readonly Incident[]) => Promise<void>
  #signals = new Map<SignalId, Signal>()
  #incidents = new Map<IncidentId, Incident>()
  #folded = new Set<IncidentId>()
  #saving: Promise<void> = Promise.resolve()
  #refused = false

  /** @param stored Told the incidents that were stored, before the next write. */
  constructor(
    state: StateStore,
    counters: CounterSet,
    log: (line: string) => void,
    stored: (incidents: readonly Incident[]) => Promise<void> = async () => {},
  ) {
    this.#state = state
    this.#counters = counters
    this.#log = log
    this.#stored = stored
  }

  add(signals: readonly Signal[], incidents: readonly Incident[], folded: readonly IncidentId[]): void {
    for (const signal of signals) this.#signals.set(signal.id, signal)
    for (const incident of incidents) this.#incidents.set(incident.id, incident)
    for (const id of folded) {
      this.#incidents.delete(id)
      this.#folded.add(id)
    }
  }

  /** Writes what was added since. Resolves when it is stored, or was refused and is kept for the next time. */
  async flush(): Promise<void> {
    if (this.#signals.size + this.#incidents.size + this.#folded.size === 0) return await this.#saving
    const signals = this.#signals
    const incidents = this.#incidents
    const folded = this.#folded
    this.#signals = new Map()
    this.#incidents = new Map()
    this.#folded = new Set()
    const saved = await this.save(async () => {
      const known = [...incidents.values()]
      await this.#state.putFindings({
        signals: [...signals.values()],
        incidents: known,
        folded: [...folded],
      })
      if (known.length > 0) await this.#stored(known)
    })
    if (saved) return
    // A newer version that came in between counts.
    for (const [id, signal] of signals) if (!this.#signals.has(id)) this.#signals.set(id, signal)
    for (const [id, incident] of incidents) if (!this.#incidents.has(id)) this.#incidents.set(id, incident)
    for (const id of folded) this.#folded.add(id)
  }

  /** Runs `work` after what is being written already; false when the store refused it. */
  async save(work: () => Promise<void>): Promise<boolean> {
    let saved = true
    this.#saving = this.#saving.then(work).then(
      () => {
        if (this.#refused) this.#log('Findings are being kept again.')
        this.#refused = false
      },
      (thrown: unknown) => {
        saved = false
        this.#counters.add('sallyport_state_errors_total')
        if (!this.#refused)
          this.#log(`Findings cannot be kept: ${SallyportError.from(thrown).toDisplayString()}`)
        this.#refused = true
      },
    )
    await this.#saving
    return saved
  }
}
