import { keptWhole } from '../../kit/snapshot.ts'
/** Who holds fields of a budget and can do without them for now. */
export interface FieldHolder {
  /** Minutes since the epoch of the last call that taught it something. */
  usedAt: number
  /** Neighbours in the order of use; set by the budget alone. */
  older: FieldHolder | undefined
  newer: FieldHolder | undefined
  /** Forgets what was learned and gives its fields back. */
  forget(): void
}

export interface FieldBudgetOptions {
  /** Fields of all schemas of a catalog together. */
  readonly fields: number
  /** How long, in milliseconds of the calls' own time, an operation went without a call before its schema may go for another's. */
  readonly idleAfter: number
}

/** Share of the budget that is freed at once, so that a full one is not at its bound with every field. */
const freedShare = 64

/**
 * The fields of all schemas of a catalog. At the bound the schemas of operations that had no call for `idleAfter` are forgotten,
 * the least recently used first, and learned again when they are called; where there is none, further fields are counted in
 * `refused` and not learned. So whoever makes up fields fills what is left, and takes nothing from operations in use.
 */
export class FieldBudget {
  readonly limit: number
  private readonly idle: number
  private _used = 0
  private now = 0
  private oldest: FieldHolder | undefined
  private newest: FieldHolder | undefined
  /** Fields met that there was no room for. */
  refused = 0
  /** Schemas forgotten to make room. */
  forgotten = 0

  constructor({ fields, idleAfter }: FieldBudgetOptions) {
    this.limit = fields
    this.idle = Math.ceil(idleAfter / 60_000)
  }

  get used(): number {
    return this._used
  }

  /** Takes room for as many fields, all or none. */
  take(count: number): boolean {
    if (this._used + count > this.limit && !this.makeRoom(count)) {
      this.refused += count
      return false
    }
    this._used += count
    return true
  }

  give(count: number): void {
    this._used -= count
  }

  /** A call at that time, in milliseconds since the epoch, is about to teach the holder. */
  touch(holder: FieldHolder, time: number): void {
    const minute = Math.floor(time / 60_000)
    if (minute > this.now) this.now = minute
    holder.usedAt = minute
    if (this.newest === holder) return
    this.leave(holder)
    holder.older = this.newest
    if (this.newest === undefined) this.oldest = holder
    else this.newest.newer = holder
    this.newest = holder
  }

  /** The holder is gone, or has nothing any more. */
  leave(holder: FieldHolder): void {
    const { older, newer } = holder
    if (older !== undefined) older.newer = newer
    else if (this.oldest === holder) this.oldest = newer
    if (newer !== undefined) newer.older = older
    else if (this.newest === holder) this.newest = older
    holder.older = undefined
    holder.newer = undefined
  }

  private makeRoom(count: number): boolean {
    const aim = this.limit - Math.max(count, Math.ceil(this.limit / freedShare))
    while (this._used > aim) {
      const holder = this.oldest
      // The newest is the one that asks.
      if (holder === undefined || holder === this.newest || this.now - holder.usedAt < this.idle) break
      this.leave(holder)
      holder.forget()
      this.forgotten += 1
    }
    return this._used + count <= this.limit
  }

  static {
    keptWhole(FieldBudget, 'catalog/field-budget', 1)
  }
}
