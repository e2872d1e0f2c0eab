import fc from 'fast-check'

/**
 * What a test run says depends on the commit alone: properties ask about the same inputs on each run. `PROPERTY_SEED` is another seed (an
 * integer), or `random` to look further; a failure names the seed it came from.
 */
const asked = process.env.PROPERTY_SEED ?? '2026'
if (asked !== 'random') {
  const seed = Number(asked)
  if (!Number.isInteger(seed))
    throw new Error(`PROPERTY_SEED is "${asked}": an integer, or "random", is meant.`)
  fc.configureGlobal({ seed })
}
