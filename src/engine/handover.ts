/** The other side that does not confirm in this time is named in the log. */
const patienceMs = 5_000

/** Hands versions of something to another thread, and waits until it acts by them. */
export class Handover {
  readonly #late: () => void
  #waiting: { readonly version: number; readonly done: () => void } | undefined

  /** @param late Called where a version is not confirmed in five seconds; it counts as handed over then. */
  constructor(late: () => void) {
    this.#late = late
  }

  /** @param post Sends it; false where there is nobody to send it to. */
  async give(version: number, post: () => boolean): Promise<void> {
    const confirmed = Promise.withResolvers<void>()
    this.#waiting = { version, done: confirmed.resolve }
    if (!post()) return
    const patience = setTimeout(() => {
      this.#late()
      confirmed.resolve()
    }, patienceMs)
    await confirmed.promise
    clearTimeout(patience)
  }

  /** The other side acts by this version. */
  confirm(version: number): void {
    const waiting = this.#waiting
    if (waiting !== undefined && version >= waiting.version) waiting.done()
  }
}
