import { BoundedMap } from '../kit/bounded-map.ts'
import type { CounterSet } from '../kit/counters.ts'
import type { DecisionRecord } from '../store/ports/state-store.ts'

/** At most one record per policy and principal in this time for decisions that did not stop the call. */
export const repeatInterval = 10_000
/** Records kept until they are fetched. */
export const maxRecords = 10_000
/** Policy and principal pairs whose repeats are counted; beyond it the one unused for longest starts anew. */
export const maxRepeats = 20_000

interface Repeat {
  recordedAt: number
  suppressed: number
}

/**
 * Decisions on their way to the store. Bounded: at `maxRecords` further ones are dropped and counted. Repeats of a
 * decision that let the call pass are folded: the first is recorded, then at most one each ten seconds, which says how
 * many were left out.
 */
export class DecisionLog {
  readonly #counters: CounterSet
  readonly #repeats = new BoundedMap<string, Repeat>(maxRepeats)
  #records: DecisionRecord[] = []

  constructor(counters: CounterSet) {
    this.#counters = counters
  }

  add(record: DecisionRecord): void {
    if (this.#records.length >= maxRecords) {
      this.#counters.add('sallyport_decision_records_dropped_total')
      return
    }
    this.#records.push(record)
  }

  /** `make` is given the sentence's tail; it is called only when a record is due. */
  addFolded(policy: string, principal: string, time: number, make: (tail: string) => DecisionRecord): void {
    const key = `${policy}\0${principal}`
    const repeat = this.#repeats.get(key)
    if (repeat === undefined) {
      this.#repeats.set(key, { recordedAt: time, suppressed: 0 })
      this.add(make(''))
      return
    }
    if (time - repeat.recordedAt < repeatInterval) {
      repeat.suppressed += 1
      this.#counters.add('sallyport_decision_records_folded_total')
      return
    }
    const tail = repeat.suppressed === 0 ? '' : ` (and ${repeat.suppressed} more since the last record)`
    repeat.recordedAt = time
    repeat.suppressed = 0
    this.add(make(tail))
  }

  drain(): readonly DecisionRecord[] {
    if (this.#records.length === 0) return []
    const records = this.#records
    this.#records = []
    return records
  }
}
