import type { RingMark, RingMerge, Seen } from './ring-merge.ts'

/** Read of each ring in one turn, so that what analysis is asked does not wait long. */
const turnSize = 256
/** Turns that later sources wait for a backlog of an earlier one; then it is better that they come too early than that they are lost. */
const patience = 16

/**
 * What analysis reads, those that see most of a call first: the gateway, then the other decision points, then the sensors beside the
 * request path. A span comes after the call that it tells again, or it would be taken for another: of a later source only what was there
 * before the earlier ones were looked at is read, since while one is read both go on filling.
 */
export class CallSources {
  readonly #sources: readonly RingMerge[]
  #waited = 0

  constructor(sources: readonly RingMerge[]) {
    this.#sources = sources
  }

  /** Taken from the rings, and not handed out yet. */
  get held(): number {
    return this.#sources.reduce((sum, source) => sum + source.held, 0)
  }

  /** Hands out what there is, a turn's worth at most. True when there may be more. */
  turn(take: (seen: Seen) => void): boolean {
    const marks = this.#sources.map(source => source.mark())
    let more = false
    let behind = false
    for (const [index, source] of this.#sources.entries()) {
      // Nothing has to come before what the first one tells.
      const rest = this.#read(source, index === 0 ? undefined : marks[index], take)
      more ||= rest || source.isBehind(source.mark())
      if (!rest || index === this.#sources.length - 1) continue
      behind = true
      if (this.#waited < patience) {
        this.#waited += 1
        return true
      }
    }
    // While a backlog lasts that was waited for long enough, all sources have their turns.
    if (!behind) this.#waited = 0
    return more
  }

  /** True where a turn was not enough for all that there was, up to the mark. */
  #read(source: RingMerge, mark: RingMark | undefined, take: (seen: Seen) => void): boolean {
    const most = turnSize * source.rings
    for (let count = 0; mark === undefined || source.isBehind(mark); count += 1) {
      if (count === most) return true
      const seen = source.read()
      if (seen === undefined) return false
      take(seen)
    }
    return false
  }
}
