import { CounterSet } from '../kit/counters.ts'

interface Counting {
  readonly counters?: CounterSet
}

/** What control, its stores and every thread count, as one. */
export class CounterReports {
  /** Of control itself. */
  readonly own = new CounterSet()
  readonly #stores: readonly Counting[]
  readonly #reports = new Map<string, Readonly<Record<string, number>>>()

  constructor(stores: readonly Counting[]) {
    this.#stores = stores
  }

  /** A thread tells its counters, in place of what it told before. */
  take(thread: string, counters: Readonly<Record<string, number>>): void {
    this.#reports.set(thread, counters)
  }

  /** As this thread told it last; 0 where it did not. */
  of(thread: string, name: string): number {
    return this.#reports.get(thread)?.[name] ?? 0
  }

  /** By name: counts are summed, of gauges the highest is told. */
  all(): Record<string, number> {
    const sum: Record<string, number> = {}
    const stores = this.#stores.map(({ counters }) => counters?.toJSON() ?? {})
    for (const report of [this.own.toJSON(), ...stores, ...this.#reports.values()]) {
      for (const [name, value] of Object.entries(report)) {
        const known = sum[name] ?? 0
        sum[name] = /_total(\{|$)/.test(name) ? known + value : Math.max(known, value)
      }
    }
    return sum
  }

  /** Calls that were seen and could not be learned from. */
  dropped(): number {
    return Object.entries(this.all())
      .filter(([name]) => name.startsWith('sallyport_ingest_dropped_total'))
      .reduce((sum, [, count]) => sum + count, 0)
  }
}
