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

/** A whole number from 0 to below. */
export type Pick = (below: number) => number

/** One of a list. */
export const one = <Of>(list: readonly Of[], pick: Pick): Of => list[pick(list.length)]!

class Law extends Error {}

/** @throws Law where it does not hold. */
export function hold(law: boolean, sentence: string): void {
  if (!law) throw new Law(sentence)
}

/** Numbers from a seed, mulberry32. */
export function numbers(seed: number): Pick {
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
