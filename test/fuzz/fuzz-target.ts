/** Something that reads what attackers write, and the laws that hold whatever they write. */
export interface FuzzTarget {
  readonly id: string
  readonly law: string
  /** Inputs that the test suite tries. */
  readonly smoke: number
  open(): Promise<FuzzRun> | FuzzRun
}

export interface FuzzRun {
  /** One input, made from the seed alone. Throws where a law does not hold. */
  once(seed: number): Promise<void> | void
  close(): Promise<void> | void
}

/** Numbers from a seed, mulberry32: a whole number from 0 to below. */
export function numbers(seed: number): (below: number) => number {
  let state = seed >>> 0
  return below => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below)
  }
}

/** A target that needs nothing opened. */
export const plain = (id: string, law: string, smoke: number, once: (seed: number) => void): FuzzTarget => ({
  id,
  law,
  smoke,
  open: () => ({ once, close: () => {} }),
})
