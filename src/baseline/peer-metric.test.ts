import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PeerMetric } from './peer-metric.ts'

describe('PeerMetric', () => {
  it('lets what is normal rise by a tenth a day at most once it was learned', () => {
    const metric = new PeerMetric('objects per day', 'objects')
    for (let day = 0; day < 10; day += 1) for (let member = 0; member < 20; member += 1) metric.add(100, day)
    const before = metric.quantile(0.99)
    for (let member = 0; member < 200; member += 1) metric.add(10_000, 10)
    expect(metric.quantile(0.99)).toBeLessThanOrEqual(before * 1.1 + 1e-9)
    for (let member = 0; member < 200; member += 1) metric.add(10_000, 12)
    expect(metric.quantile(0.99)).toBeLessThanOrEqual(before * 1.1 ** 3 + 1e-9)
    expect(metric.quantile(0.99)).toBeGreaterThan(before)
  })

  it('lets it fall at once, and forgets what is older than four weeks', () => {
    const metric = new PeerMetric('objects per day', 'objects')
    for (let day = 0; day < 14; day += 1) for (let member = 0; member < 20; member += 1) metric.add(100, day)
    for (let day = 14; day < 42; day += 1) for (let member = 0; member < 20; member += 1) metric.add(10, day)
    expect(metric.quantile(0.99)).toBeCloseTo(10, 0)
    expect(metric.n).toBe(28 * 20)
  })

  it('shows who moves what is normal slowly against the frozen picture', () => {
    const steady = new PeerMetric('m', 'u')
    const boiled = new PeerMetric('m', 'u')
    for (let day = 0; day < 56; day += 1)
      for (let member = 0; member < 30; member += 1) {
        const usual = 50 + ((member * 7 + day * 3) % 20)
        steady.add(usual, day)
        boiled.add(day < 28 ? usual : usual * 1.04 ** (day - 28), day)
      }
    expect(steady.moved).toBe(false)
    expect(steady.divergence()).toBeLessThan(1.1)
    expect(boiled.divergence()).toBeGreaterThan(1.5)
    expect(boiled.moved).toBe(true)
  })

  it('has quantiles that do not fall with their share', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000), { minLength: 1, maxLength: 100 }), values => {
        const metric = new PeerMetric('m', 'u')
        for (const [index, value] of values.entries()) metric.add(value, index)
        const shares = [0.1, 0.5, 0.9, 0.99]
        for (const [index, share] of shares.slice(1).entries())
          expect(metric.quantile(share)).toBeGreaterThanOrEqual(metric.quantile(shares[index] ?? 0) * 0.96)
      }),
    )
  })
})
