import { BoundedMap } from '../kit/bounded-map.ts'
import { hash32 } from '../kit/hash.ts'
import type { CallId } from '../kit/id.ts'
import { kept } from '../kit/snapshot.ts'

/** What one actor did of one kind, until it was quiet for a while. Plain data. */
export interface Stretch {
  readonly from: number
  last: number
  /** How often. */
  count: number
  /** Hashes of the different things it was about, in the order they came, up to the bound. */
  readonly things: number[]
  /** The calls that show it: the latest, up to the bound. Emptied where they were told. */
  readonly calls: CallId[]
  raised: boolean
}

export interface StretchLimits {
  /** Stretches remembered: the longest unused is forgotten. */
  readonly most: number
  /** Silence that ends one, ms. */
  readonly gapMs: number
  /** It ends after that long in any case, ms. */
  readonly lengthMs: number
  /** Things told apart; further ones only count. */
  readonly things: number
  readonly calls: number
}

const defaults: StretchLimits = {
  most: 20_000,
  gapMs: 86_400_000,
  lengthMs: Number.POSITIVE_INFINITY,
  things: 64,
  calls: 20,
}

/** Stretches by key: who, where and what. At most 800 bytes each with the usual bounds. */
export class Stretches {
  readonly #limits: StretchLimits
  readonly #byKey: BoundedMap<string, Stretch>

  static {
    kept<Stretches, readonly [StretchLimits, BoundedMap<string, Stretch>]>(Stretches, {
      name: 'detect/stretches',
      version: 1,
      save: stretches => [stretches.#limits, stretches.#byKey],
      make: ([limits, byKey]) => {
        const made = new Stretches(limits)
        made.#byKey.adopt(byKey)
        return made
      },
    })
  }

  constructor(limits: Partial<StretchLimits> = {}) {
    this.#limits = { ...defaults, ...limits }
    this.#byKey = new BoundedMap(this.#limits.most)
  }

  /** Takes over what another held. */
  adopt(other: Stretches): void {
    this.#byKey.adopt(other.#byKey)
  }

  get size(): number {
    return this.#byKey.size
  }

  /** One more step at `key`. @param thing what it was about, where different things matter */
  step(key: string, time: number, call: CallId, thing?: string): Stretch {
    const stretch = this.at(key, time)
    stretch.last = Math.max(stretch.last, time)
    stretch.count += 1
    stretch.calls.push(call)
    if (stretch.calls.length > this.#limits.calls) stretch.calls.shift()
    if (thing !== undefined && stretch.things.length < this.#limits.things) {
      const mark = hash32(thing)
      if (!stretch.things.includes(mark)) stretch.things.push(mark)
    }
    return stretch
  }

  /** The stretch going on at `key`, a new one where there is none. */
  at(key: string, time: number): Stretch {
    const known = this.#byKey.get(key)
    if (
      known !== undefined &&
      time - known.last <= this.#limits.gapMs &&
      time - known.from <= this.#limits.lengthMs
    )
      return known
    const made: Stretch = { from: time, last: time, count: 0, things: [], calls: [], raised: false }
    this.#byKey.set(key, made)
    return made
  }

  /** The same without beginning one. */
  peek(key: string): Stretch | undefined {
    return this.#byKey.peek(key)
  }
}

/** The calls to tell now: all that led here the first time, only the newest from then on. */
export function toTell(stretch: Stretch): readonly CallId[] {
  const calls = stretch.raised ? stretch.calls.slice(-1) : [...stretch.calls]
  stretch.raised = true
  return calls
}
