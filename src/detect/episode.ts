import { kept } from '../kit/snapshot.ts'

/**
 * A stretch of abuse by one actor: findings within it share a signal. A new stretch begins when the last one has been
 * quiet for `gapMs`.
 */
export class Episode {
  /** When the stretch began: part of the signal's key. */
  from: number
  last: number
  readonly #gapMs: number

  static {
    kept<Episode, readonly [number, number, number]>(Episode, {
      name: 'detect/episode',
      version: 1,
      save: episode => [episode.from, episode.last, episode.#gapMs],
      make: ([from, last, gapMs]) => {
        const episode = new Episode(from, gapMs)
        episode.last = last
        return episode
      },
    })
  }

  constructor(time: number, gapMs = 86_400_000) {
    this.from = time
    this.last = time
    this.#gapMs = gapMs
  }

  /** @returns true when this begins a new stretch */
  touch(time: number): boolean {
    const fresh = time - this.last > this.#gapMs
    if (fresh) this.from = time
    this.last = Math.max(this.last, time)
    return fresh
  }
}
