import { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { createBucketBuffer, type Take, ThrottleBuckets } from './throttle.ts'

const start = Date.UTC(2026, 10, 22, 10)
const day = 86_400
const take = (key: string, more: Partial<Take> = {}): Take => ({
  key,
  time: start,
  requests: 3,
  windowSeconds: day,
  ...more,
})

/** Takes `turns` times and says how many were admitted. */
const taking = `
  const { parentPort, workerData } = require('node:worker_threads')
  import(workerData.module).then(({ ThrottleBuckets }) => {
    const buckets = new ThrottleBuckets(workerData.buffer)
    let admitted = 0
    for (let turn = 0; turn < workerData.turns; turn += 1)
      if (buckets.take({ ...workerData.take, key: 'k' + (turn % 10) }).admitted) admitted += 1
    parentPort.postMessage(admitted)
  })
`

describe('ThrottleBuckets', () => {
  test('two threads that take at the same time are admitted exactly what the budgets hold', async () => {
    const workerData = {
      buffer: createBucketBuffer(),
      module: new URL('./throttle.ts', import.meta.url).href,
      take: take('', { requests: 1_000 }),
      turns: 100_000,
    }
    const admitted = await Promise.all(
      [1, 2].map(
        () =>
          new Promise<number>((resolve, reject) => {
            new Worker(taking, { eval: true, workerData }).once('message', resolve).once('error', reject)
          }),
      ),
    )
    expect(admitted[0]! + admitted[1]!).toBe(10 * 1_000)
  })

  test('what one loop took is gone for another, and what it had to settle too', () => {
    const buffer = createBucketBuffer()
    const [one, other] = [new ThrottleBuckets(buffer), new ThrottleBuckets(buffer)]
    expect([one, other, one, other].map(buckets => buckets.take(take('a')).admitted)).toEqual([
      true,
      true,
      true,
      false,
    ])
    expect(other.take(take('b')).admitted).toBe(true)
    one.settle(take('b', { cost: 4 }))
    expect(other.take(take('b')).wait).toBeGreaterThan((day / 3) * 1000)
    expect(one.take(take('b', { time: start + 2 * day * 1000 })).admitted).toBe(true)
  })

  test('at the bound the bucket that is first full again makes room, and is counted where it was not', () => {
    const buckets = new ThrottleBuckets(createBucketBuffer(8))
    for (let turn = 0; turn < 3; turn += 1) buckets.take(take('spent'))
    for (let key = 0; key < 7; key += 1) buckets.take(take(`k${key}`))
    expect(buckets.forgotten).toBe(0)
    for (let key = 7; key < 100; key += 1) buckets.take(take(`k${key}`))
    expect(buckets.forgotten).toBe(93)
    // Whoever has used up a budget does not get it back by many others who come.
    expect(buckets.take(take('spent')).admitted).toBe(false)
    const later = start + 2 * day * 1000
    for (let key = 0; key < 8; key += 1) buckets.take(take(`l${key}`, { time: later }))
    expect(buckets.forgotten).toBe(93)
  })

  test('what was heard of others is gone too, to the last request, and nothing comes back by it', () => {
    const interval = (day / 3) * 1000
    for (let ahead = 0; ahead <= 3; ahead += 1) {
      const buckets = new ThrottleBuckets()
      buckets.raise(take('a'), ahead * interval)
      const admitted = [1, 2, 3, 4].filter(() => buckets.take(take('a')).admitted).length
      expect([ahead, admitted]).toEqual([ahead, 3 - ahead])
      buckets.raise(take('a'), 0)
      expect(buckets.take(take('a')).admitted).toBe(false)
    }
    // Never further than two windows, whatever is told.
    const buckets = new ThrottleBuckets()
    buckets.raise(take('a'), Number.MAX_SAFE_INTEGER)
    expect(buckets.take(take('a', { time: start + 2 * day * 1000 })).admitted).toBe(true)
  })

  test('keys fall elsewhere in each process', () => {
    const [one, other] = [createBucketBuffer(), createBucketBuffer()]
    for (const buffer of [one, other]) new ThrottleBuckets(buffer).take(take('a'))
    expect(Buffer.from(one).equals(Buffer.from(other))).toBe(false)
  })
})
