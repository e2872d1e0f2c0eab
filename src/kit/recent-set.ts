import { keptWhole } from './snapshot.ts'

/**
 * A few 32-bit numbers, the one added last at the end; the longest unused makes room. Most hold one, which needs no list: there are
 * millions of these. Not for many: each is looked at in turn.
 */
export class RecentSet {
  private latest: number | undefined
  /** The others, the longest unused first; grown by a copy, or it would keep room for 17 more. */
  private others: readonly number[] | undefined

  get size(): number {
    return (this.latest === undefined ? 0 : 1) + (this.others?.length ?? 0)
  }

  has(member: number): boolean {
    // Small numbers take no room of their own.
    const own = member | 0
    return this.latest === own || this.others?.includes(own) === true
  }

  /** Adds as the latest, among `most` at least 1. */
  add(member: number, most: number): void {
    const own = member | 0
    if (this.latest === own) return
    if (this.latest !== undefined) {
      const others = (this.others ?? none).filter(other => other !== own).concat(this.latest)
      this.others = others.length >= most ? others.slice(others.length + 1 - most) : others
    }
    this.latest = own
  }

  static {
    keptWhole(RecentSet, 'kit/recent-set', 1)
  }
}

const none: readonly number[] = []
