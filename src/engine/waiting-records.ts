export interface WaitingRecordsOptions<Item> {
  /** Stores them all or none. Storing one again must change nothing. */
  readonly write: (items: readonly Item[]) => Promise<void>
  /** Runs a write in its turn; false where the store refused it. */
  readonly save: (work: () => Promise<void>) => Promise<boolean>
  /** Held at once; beyond it the oldest are lost. */
  readonly most: number
  /** Told how many were lost. */
  readonly lost: (count: number) => void
}

/** Records that wait until the store takes them: one that refuses is asked again at the next flush. */
export class WaitingRecords<Item> {
  readonly #options: WaitingRecordsOptions<Item>
  #items: Item[] = []
  #turn: Promise<void> = Promise.resolve()

  constructor(options: WaitingRecordsOptions<Item>) {
    this.#options = options
  }

  add(items: readonly Item[]): void {
    this.#hold([...this.#items, ...items])
  }

  /** One after the other. Resolves when they are stored, or were refused and are kept for the next time. */
  flush(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#write())
    return this.#turn
  }

  async #write(): Promise<void> {
    if (this.#items.length === 0) return
    const { save, write } = this.#options
    const items = this.#items
    this.#items = []
    if (!(await save(() => write(items)))) this.#hold([...items, ...this.#items])
  }

  #hold(items: Item[]): void {
    const { most, lost } = this.#options
    if (items.length > most) lost(items.length - most)
    this.#items = items.length > most ? items.slice(-most) : items
  }
}
