/**
 * Named monotone counts and gauges of one part of the system, in Prometheus' naming. Labels are from closed lists:
 * never an endpoint, a principal or anything else that traffic can grow.
 */
export class CounterSet {
  readonly #values = new Map<string, number>()

  add(name: string, by = 1): void {
    this.#values.set(name, (this.#values.get(name) ?? 0) + by)
  }

  set(name: string, value: number): void {
    this.#values.set(name, value)
  }

  get(name: string): number {
    return this.#values.get(name) ?? 0
  }

  /** `name → value`, names may carry a label part: `sallyport_decisions_total{action="block"}`. */
  toJSON(): Record<string, number> {
    return Object.fromEntries([...this.#values].sort(([a], [b]) => (a < b ? -1 : 1)))
  }
}
