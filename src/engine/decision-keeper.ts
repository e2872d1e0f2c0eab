import type { CounterSet } from '../kit/counters.ts'
import type { DecisionRecord, QuarantineEntry, StateStore } from '../store/ports/state-store.ts'
import { WaitingRecords } from './waiting-records.ts'

/** Decisions, and quarantines that policies began, that wait while the store takes nothing. */
const mostWaiting = 20_000

export interface DecisionKeeperOptions {
  readonly state: StateStore
  readonly counters: CounterSet
  /** Runs a write after those before it; false where the store refused it. */
  readonly save: (work: () => Promise<void>) => Promise<boolean>
  /** Told after quarantines were stored: hands them to every loop that decides. */
  readonly quarantined: () => Promise<void>
}

/** Carries what loops decided, and the quarantines that their policies began, into the state store. */
export class DecisionKeeper {
  readonly #options: DecisionKeeperOptions
  readonly #decisions: WaitingRecords<DecisionRecord>
  readonly #quarantines: WaitingRecords<QuarantineEntry>

  constructor(options: DecisionKeeperOptions) {
    this.#options = options
    const { state, counters, save } = options
    const waiting = {
      save,
      most: mostWaiting,
      lost: (count: number) => counters.add('sallyport_decisions_dropped_total', count),
    }
    this.#decisions = new WaitingRecords({ ...waiting, write: records => state.putDecisions(records) })
    this.#quarantines = new WaitingRecords({ ...waiting, write: entries => this.#quarantine(entries) })
  }

  /** Takes what a loop reports, and writes it without being waited for. */
  take(report: {
    readonly decisions: readonly DecisionRecord[]
    readonly quarantines: readonly QuarantineEntry[]
  }): void {
    this.#decisions.add(report.decisions)
    this.#quarantines.add(report.quarantines)
    void this.#decisions.flush()
    void this.#quarantines.flush()
  }

  /** Resolves when what was taken is stored, or was refused and is kept for the next time. */
  async flush(): Promise<void> {
    await this.#decisions.flush()
    await this.#quarantines.flush()
  }

  async #quarantine(entries: readonly QuarantineEntry[]): Promise<void> {
    const { state, quarantined } = this.#options
    for (const entry of entries) {
      await state.putQuarantine(entry)
      await state.audit({
        time: entry.createdAt,
        actor: entry.createdBy,
        action: 'quarantine.add',
        target: entry.target,
        detail: { id: entry.id, reason: entry.reason, expiresAt: entry.expiresAt },
      })
    }
    await quarantined()
  }
}
