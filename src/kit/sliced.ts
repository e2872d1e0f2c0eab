/**
 * Work that is done in slices: it yields wherever it may be left for a while, at least every few milliseconds, and returns what came of it.
 */
export type Sliced<Result> = Generator<undefined, Result, undefined>

/** Does it all at once. */
export function atOnce<Result>(work: Sliced<Result>): Result {
  for (;;) {
    const { done, value } = work.next()
    if (done === true) return value
  }
}

/**
 * Does it in slices of some milliseconds, and lets others have the thread in between.
 * @throws what the work throws.
 */
export async function inSlices<Result>(work: Sliced<Result>, sliceMs: number): Promise<Result> {
  for (;;) {
    const until = performance.now() + sliceMs
    do {
      const { done, value } = work.next()
      if (done === true) return value
    } while (performance.now() < until)
    await new Promise<void>(resolve => setImmediate(resolve))
  }
}
