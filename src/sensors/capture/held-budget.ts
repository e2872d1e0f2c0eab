/** Of the room, for what a connection can be read without: bodies and pieces that wait. The rest is for heads. */
const spareShare = 0.75

/** Bytes that all connections may hold together. */
export class HeldBudget {
  readonly #most: number
  used = 0

  constructor(most: number) {
    this.#most = most
  }

  ledger(): HeldLedger {
    return new HeldLedger(this)
  }

  take(bytes: number, spare: boolean): boolean {
    if (this.used + bytes > (spare ? this.#most * spareShare : this.#most)) return false
    this.used += bytes
    return true
  }

  give(bytes: number): void {
    this.used -= bytes
  }
}

/** What one connection holds; all of it is given back when the connection ends. */
export class HeldLedger {
  readonly #budget: HeldBudget
  #held = 0

  constructor(budget: HeldBudget) {
    this.#budget = budget
  }

  /** @param spare The connection can be read without it. @returns Whether there is room. */
  take(bytes: number, spare = false): boolean {
    if (!this.#budget.take(bytes, spare)) return false
    this.#held += bytes
    return true
  }

  give(bytes: number): void {
    const given = Math.min(bytes, this.#held)
    this.#held -= given
    this.#budget.give(given)
  }

  close(): void {
    this.#budget.give(this.#held)
    this.#held = 0
  }
}
