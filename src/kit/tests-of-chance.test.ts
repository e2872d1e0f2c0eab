import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countTail, logBetaShare, logCountTail, logGamma } from './count-tail.ts'
import { cusum } from './cusum.ts'
import { unseenMass } from './good-turing.ts'
import { populationStability } from './population-stability.ts'
import { QuantileSketch } from './quantile-sketch.ts'
import { medianSpread, robustZ, weightedMedian } from './robust.ts'

/** Uniform in (0, 1), always the same: xorshift32 (Marsaglia 2003). */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return ((state >>> 0) + 0.5) / 4_294_967_296
  }
}

/** Standard normal (Box and Muller 1958). */
function normals(seed: number): () => number {
  const uniform = numbers(seed)
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
}

describe('logCountTail', () => {
  /** By summing the mass function from the recursion, in doubles: good where the tail is not tiny. */
  function summed(count: number, mean: number, variance: number): number {
    let mass: number
    let next: (k: number, before: number) => number
    if (variance <= mean) {
      mass = Math.exp(-mean)
      next = (k, before) => (before * mean) / (k + 1)
    } else {
      const shape = (mean * mean) / (variance - mean)
      const chance = mean / variance
      mass = chance ** shape
      next = (k, before) => (before * (k + shape) * (1 - chance)) / (k + 1)
    }
    let below = 0
    for (let k = 0; k < count; k += 1) {
      below += mass
      mass = next(k, mass)
    }
    return 1 - below
  }

  it('is the sum of the chances of so many and more', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 60 }),
        fc.double({ min: 0.1, max: 30, noNaN: true }),
        fc.double({ min: 0.5, max: 20, noNaN: true }),
        (count, mean, dispersion) => {
          const variance = mean * dispersion
          const exact = summed(count, mean, variance)
          if (exact < 1e-8) return
          expect(countTail(count, { mean, variance })).toBeCloseTo(exact, 7)
        },
      ),
    )
  })

  it('falls with the count and rises with the mean, down to chances no double can hold', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.double({ min: 0.01, max: 1_000, noNaN: true }),
        fc.double({ min: 0.1, max: 100, noNaN: true }),
        (count, mean, dispersion) => {
          const here = logCountTail(count, { mean, variance: mean * dispersion })
          expect(Number.isFinite(here)).toBe(true)
          expect(here).toBeLessThanOrEqual(0)
          expect(logCountTail(count + 1, { mean, variance: mean * dispersion })).toBeLessThanOrEqual(
            here + 1e-9,
          )
          if (dispersion > 1)
            expect(
              logCountTail(count, { mean: mean * 2, variance: mean * 2 * dispersion }),
            ).toBeGreaterThanOrEqual(here - 1e-9)
        },
      ),
    )
    expect(logCountTail(100_000, { mean: 1, variance: 1 })).toBeLessThan(-1_000_000)
    expect(countTail(100_000, { mean: 1, variance: 1 })).toBe(0)
    expect(logCountTail(0, { mean: 5, variance: 5 })).toBe(0)
    expect(logCountTail(3, { mean: 0, variance: 0 })).toBe(Number.NEGATIVE_INFINITY)
  })

  it('knows Poisson tails worked out by hand', () => {
    expect(countTail(5, { mean: 2, variance: 2 })).toBeCloseTo(0.052653, 6)
    expect(Math.log10(countTail(30, { mean: 5, variance: 5 }))).toBeCloseTo(-13.55, 2)
  })

  it('stands on a gamma function that is factorials at whole numbers and a beta share that is symmetric', () => {
    let factorial = 1
    for (let n = 1; n <= 20; n += 1) {
      expect(logGamma(n)).toBeCloseTo(Math.log(factorial), 9)
      factorial *= n
    }
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        fc.double({ min: 0.1, max: 50, noNaN: true }),
        fc.double({ min: 0.1, max: 50, noNaN: true }),
        (x, a, b) => {
          expect(Math.exp(logBetaShare(x, a, b)) + Math.exp(logBetaShare(1 - x, b, a))).toBeCloseTo(1, 9)
        },
      ),
    )
  })
})

describe('cusum', () => {
  /** Siegmund's approximation (1985), `(e^{2kb} - 2kb - 1) / (2k²)` with `b = h + 1.166` and k of one half. */
  const averageRunLength = (threshold: number): number => {
    const b = threshold + 1.166
    return 2 * (Math.exp(b) - b - 1)
  }

  it('alarms about as rarely over nothing as Siegmund says', () => {
    const normal = normals(12_345)
    const runs = 300
    let values = 0
    for (let run = 0; run < runs; run += 1) {
      let score = 0
      do {
        score = cusum(score, normal())
        values += 1
      } while (score <= 4)
    }
    const expected = averageRunLength(4)
    expect(values / runs).toBeGreaterThan(0.8 * expected)
    expect(values / runs).toBeLessThan(1.25 * expected)
  })

  it('finds a rise of one deviation within about h/(δ-k) values', () => {
    const normal = normals(7)
    let values = 0
    for (let run = 0; run < 200; run += 1) {
      let score = 0
      do {
        score = cusum(score, normal() + 1)
        values += 1
      } while (score <= 8)
    }
    expect(values / 200).toBeGreaterThan(10)
    expect(values / 200).toBeLessThan(22)
  })
})

describe('robust', () => {
  const values = fc.array(fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 1, max: 4 })), {
    minLength: 1,
    maxLength: 40,
  })

  it('is the median of the values, each as often as it weighs', () => {
    fc.assert(
      fc.property(values, list => {
        const long = list
          .flatMap(([value, weight]) => new Array<number>(weight).fill(value))
          .sort((a, b) => a - b)
        const middle = long.length / 2
        const exact = ((long[Math.ceil(middle) - 1] ?? 0) + (long[Math.floor(middle)] ?? 0)) / 2
        expect(weightedMedian(list)).toBe(exact)
      }),
    )
  })

  it('is not moved far by what less than half of the weight says', () => {
    const honest: [number, number][] = Array.from({ length: 100 }, (_, index) => [10 + (index % 5), 1])
    const spread = medianSpread([...honest, [1e9, 40]])
    expect(spread.median).toBeLessThan(15)
    expect(spread.mad).toBeLessThan(5)
    expect(robustZ(1_000, spread, 0.1)).toBeGreaterThan(100)
    expect(robustZ(12, { median: 12, mad: 0 }, 0.1)).toBe(0)
  })
})

describe('unseenMass', () => {
  it('is all before the first, and the kinds seen once over all seen', () => {
    expect(unseenMass([])).toBe(1)
    expect(unseenMass([1, 1, 3])).toBeCloseTo(0.4)
    expect(unseenMass([5, 5])).toBe(0)
    expect(unseenMass([8], 2)).toBeCloseTo(0.2)
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 50 })), counts => {
        const mass = unseenMass(counts)
        expect(mass).toBeGreaterThanOrEqual(0)
        expect(mass).toBeLessThanOrEqual(1)
      }),
    )
  })
})

describe('populationStability', () => {
  const filled = (seed: number, shift: number, n = 3_000): QuantileSketch => {
    const normal = normals(seed)
    const sketch = new QuantileSketch({ alpha: 0.02 })
    for (let index = 0; index < n; index += 1) sketch.add(Math.exp(normal() + shift) * 100)
    return sketch
  }

  it('is near nothing for the same population and over a quarter for one that moved', () => {
    expect(populationStability(filled(1, 0), filled(2, 0))).toBeLessThan(0.05)
    expect(populationStability(filled(1, 0), filled(2, 0.6))).toBeGreaterThan(0.25)
    expect(populationStability(filled(1, 0), new QuantileSketch())).toBe(0)
  })

  it('is never negative, also where most values are one', () => {
    const list = fc.array(fc.nat(5), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(list, list, (a, b) => {
        const one = new QuantileSketch()
        const two = new QuantileSketch()
        for (const value of a) one.add(value)
        for (const value of b) two.add(value)
        expect(populationStability(one, two)).toBeGreaterThanOrEqual(-1e-12)
      }),
    )
  })
})
