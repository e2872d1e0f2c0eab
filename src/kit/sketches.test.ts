import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DistinctCount } from './distinct-count.ts'
import { MinHash } from './min-hash.ts'
import { PageHinkley } from './page-hinkley.ts'
import { QuantileSketch } from './quantile-sketch.ts'
import { SeasonalBaseline } from './seasonal-baseline.ts'
import { freeze, thaw } from './snapshot.ts'

/** How a sketch is fed a small number at a time, and what can be read of it. */
interface Case {
  readonly make: () => object
  readonly feed: (sketch: never, value: number, index: number) => void
  readonly read: (sketch: never) => unknown
}
const hour = 3_600_000

function define<Sketch extends object>(
  make: () => Sketch,
  feed: (sketch: Sketch, value: number, index: number) => unknown,
  read: (sketch: Sketch) => unknown,
): Case {
  return { make, feed: feed as Case['feed'], read: read as Case['read'] }
}

const cases: Readonly<Record<string, Case>> = {
  'quantile sketch': define(
    () => new QuantileSketch({ alpha: 0.05, buckets: 16 }),
    (sketch, value) => sketch.add(value * value),
    sketch => [
      sketch.count,
      sketch.min,
      sketch.max,
      [0, 0.1, 0.5, 0.9, 1].map(share => sketch.quantile(share)),
    ],
  ),
  'distinct count': define(
    () => new DistinctCount({ exact: 8, precision: 6 }),
    (sketch, value) => sketch.add(`k${value}`),
    sketch => sketch.count,
  ),
  'seasonal baseline': define(
    () => new SeasonalBaseline(),
    (sketch, value, index) => sketch.add(value, index * hour),
    sketch => [0, 30, 120].map(hours => sketch.expected(hours * hour)),
  ),
  'page hinkley': define(
    () => new PageHinkley(0.5, 20, 5),
    (sketch, value) => sketch.add(value),
    sketch => [
      sketch.add(50),
      sketch.add(50),
      sketch.add(50),
      sketch.add(50),
      sketch.add(50),
      sketch.add(50),
    ],
  ),
  'min hash': define(
    () => new MinHash(16),
    (sketch, value) => sketch.add(value),
    sketch => {
      const other = new MinHash(16)
      for (let member = 0; member < 20; member += 1) other.add(member)
      return sketch.likeness(other)
    },
  ),
}

describe('every sketch', () => {
  it.each(Object.entries(cases))(
    '%s saved at any point and made again goes on as if nothing happened',
    (_, one) => {
      fc.assert(
        fc.property(fc.array(fc.nat(99), { maxLength: 120 }), fc.nat(120), (values, at) => {
          const plain = one.make()
          let kept = one.make()
          for (const [index, value] of values.entries()) {
            if (index === at) kept = thaw(freeze(kept)) as object
            one.feed(plain as never, value, index)
            one.feed(kept as never, value, index)
          }
          kept = thaw(freeze(kept)) as object
          expect(one.read(kept as never)).toEqual(one.read(plain as never))
        }),
        { numRuns: 60 },
      )
    },
  )

  it('was looked at', () => {
    expect(Object.keys(cases)).toHaveLength(5)
  })
})

describe('QuantileSketch', () => {
  const values = fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 300 })

  it('tells a quantile within its relative error', () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (list, share) => {
        const sketch = new QuantileSketch({ alpha: 0.02, buckets: 4_096 })
        for (const value of list) sketch.add(value)
        const sorted = [...list].sort((a, b) => a - b)
        const rank = Math.max(0, Math.ceil(share * list.length - 1e-9 * list.length) - 1)
        const exact = sorted[rank] ?? 0
        // One rank of room where the share falls between two values.
        const low = sorted[Math.max(0, rank - 1)] ?? 0
        const high = sorted[Math.min(list.length - 1, rank + 1)] ?? 0
        const found = sketch.quantile(share)
        const near = (value: number): boolean => Math.abs(found - value) <= 0.0201 * value + 1e-9
        expect(near(exact) || near(low) || near(high)).toBe(true)
      }),
    )
  })

  it('merged is the same as fed together, in any order', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const of = (...lists: number[][]): QuantileSketch => {
          const sketch = new QuantileSketch({ buckets: 8_192 })
          for (const list of lists) for (const value of list) sketch.add(value)
          return sketch
        }
        const ab = of(a)
        ab.merge(of(b))
        const ba = of(b)
        ba.merge(of(a))
        for (const share of [0, 0.25, 0.5, 0.9, 0.99, 1]) {
          expect(ab.quantile(share)).toBe(of(a, b).quantile(share))
          expect(ba.quantile(share)).toBe(ab.quantile(share))
        }
      }),
    )
  })

  it('keeps the high quantiles and its bound where there are too many buckets', () => {
    const sketch = new QuantileSketch({ alpha: 0.01, buckets: 64 })
    for (let power = 0; power < 1_000; power += 1) sketch.add(1.05 ** power)
    let buckets = 0
    sketch.eachBucket(() => {
      buckets += 1
    })
    expect(buckets).toBeLessThanOrEqual(64)
    expect(sketch.quantile(0.999)).toBeCloseTo(1.05 ** 998, -Math.floor(Math.log10(1.05 ** 998 * 0.02)))
    expect(sketch.count).toBe(1_000)
  })

  it('tells what share lies above a value, and takes nonsense for nothing', () => {
    const sketch = new QuantileSketch()
    for (const value of [Number.NaN, -3, 0, 10, 20, 30, 40, 50, 60, 70]) sketch.add(value)
    expect(sketch.shareAbove(35)).toBeCloseTo(0.4)
    expect(sketch.quantile(0.2)).toBe(0)
    expect(new QuantileSketch().quantile(0.5)).toBe(0)
    expect(() => sketch.merge(new QuantileSketch({ alpha: 0.2 }))).toThrow(RangeError)
  })
})

describe('DistinctCount', () => {
  it('is exact while few and within five standard errors beyond', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20_000 }), fc.integer(), (count, salt) => {
        const sketch = new DistinctCount()
        for (let member = 0; member < count; member += 1) {
          sketch.add(`${salt}-${member}`)
          sketch.add(`${salt}-${member}`)
        }
        if (count <= 64) expect(sketch.count).toBe(count)
        else expect(Math.abs(sketch.count - count) / count).toBeLessThan(5 * (1.04 / 32))
      }),
      { numRuns: 25 },
    )
  })

  it('merged is the union, whichever way round and however large', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.nat(300), fc.nat(300), (only, both, other) => {
        const make = (from: number, to: number): DistinctCount => {
          const sketch = new DistinctCount()
          for (let member = from; member < to; member += 1) sketch.addNumber(member)
          return sketch
        }
        const a = make(0, only + both)
        a.merge(make(only, only + both + other))
        const b = make(only, only + both + other)
        b.merge(make(0, only + both))
        expect(a.count).toBe(b.count)
        expect(a.count).toBe(make(0, only + both + other).count)
      }),
      { numRuns: 50 },
    )
  })
})

describe('SeasonalBaseline', () => {
  it('expects of an hour what came in that hour of such a day, and of an unknown one what came in all', () => {
    const baseline = new SeasonalBaseline()
    const monday = Date.UTC(2026, 2, 2)
    for (let day = 0; day < 365; day += 1) {
      const time = monday + day * 24 * hour
      const weekend = day % 7 >= 5
      baseline.add(weekend ? 2 : 10, time + 9 * hour)
      baseline.add(weekend ? 1 : 4, time + 21 * hour)
    }
    expect(baseline.expected(monday + 9 * hour).mean).toBeGreaterThan(8)
    expect(baseline.expected(monday + 5 * 24 * hour + 9 * hour).mean).toBeLessThan(4)
    const all = baseline.expected(monday + 3 * hour)
    expect(all.n).toBe(0)
    expect(all.mean).toBeGreaterThan(4)
    expect(all.mean).toBeLessThan(7)
    expect(baseline.z(10, monday + 21 * hour, 0.1)).toBeGreaterThan(baseline.z(10, monday + 9 * hour, 0.1))
  })

  it('draws few values towards the rest, the more the fewer they are', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), n => {
        const baseline = new SeasonalBaseline()
        for (let index = 0; index < 400; index += 1) baseline.add(0, 3 * hour)
        for (let index = 0; index < n; index += 1) baseline.add(100, 4 * hour)
        const all = (100 * n) / (400 + n)
        expect(baseline.expected(4 * hour).mean).toBeCloseTo((n * 100 + 20 * all) / (n + 20), 1)
      }),
    )
  })

  it('merged with nothing stays what it is, and with another rests on both', () => {
    const one = new SeasonalBaseline()
    const two = new SeasonalBaseline()
    for (let index = 0; index < 10; index += 1) {
      one.add(1, index * hour)
      two.add(3, index * hour)
    }
    const before = one.expected(2 * hour)
    one.merge(new SeasonalBaseline())
    expect(one.expected(2 * hour)).toEqual(before)
    one.merge(two)
    expect(one.expected(2 * hour).mean).toBeCloseTo(2, 5)
    expect(one.n).toBe(20)
  })
})

describe('PageHinkley', () => {
  it('finds a shift in either direction and begins anew, and none in a steady stream', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -50, max: 50 }),
        fc.boolean(),
        fc.infiniteStream(fc.nat(100)),
        (level, up, noise) => {
          const test = new PageHinkley(1, 25)
          const jitter = (): number => ((noise.next().value ?? 0) - 50) / 100
          for (let index = 0; index < 300; index += 1) expect(test.add(level + jitter())).toBeUndefined()
          let found: string | undefined
          for (let index = 0; index < 20 && found === undefined; index += 1)
            found = test.add(level + (up ? 6 : -6) + jitter())
          expect(found).toBe(up ? 'up' : 'down')
          for (let index = 0; index < 300; index += 1)
            expect(test.add(level + (up ? 6 : -6) + jitter())).toBeUndefined()
        },
      ),
      { numRuns: 30 },
    )
  })
})

describe('MinHash', () => {
  it('estimates the Jaccard index, and its union is that of the sets', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.integer({ min: 1, max: 200 }), fc.nat(200), (only, both, other) => {
        const of = (from: number, to: number): MinHash => {
          const hash = new MinHash(256)
          for (let member = from; member < to; member += 1) hash.add(member)
          return hash
        }
        const a = of(0, only + both)
        const b = of(only, only + both + other)
        expect(Math.abs(a.likeness(b) - both / (only + both + other))).toBeLessThan(0.17)
        a.merge(b)
        expect(a.likeness(of(0, only + both + other))).toBe(1)
      }),
      { numRuns: 40 },
    )
    expect(new MinHash().likeness(new MinHash())).toBe(0)
  })
})
