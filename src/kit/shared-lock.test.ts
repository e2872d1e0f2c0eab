import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { locked } from './shared-lock.ts'

/** Adds one under the lock, without anything else that would keep two of them apart. */
const adding = `
  const { workerData } = require('node:worker_threads')
  import(workerData.module).then(({ locked }) => {
    const numbers = new Int32Array(workerData.buffer)
    for (let turn = 0; turn < workerData.turns; turn += 1) locked(numbers, 0, () => { numbers[1] = numbers[1] + 1 })
  })
`

test('threads that work under one lock do not undo what another did', async () => {
  const buffer = new SharedArrayBuffer(8)
  const module = new URL('./shared-lock.ts', import.meta.url).href
  const turns = 200_000
  const threads = [1, 2].map(() => new Worker(adding, { eval: true, workerData: { buffer, module, turns } }))
  await Promise.all(
    threads.map(
      thread => new Promise((resolve, reject) => thread.once('error', reject).once('exit', resolve)),
    ),
  )
  expect([...new Int32Array(buffer)]).toEqual([0, 2 * turns])
})

test('a lock whose holder is no more is taken over, and one is free after a fault', () => {
  const numbers = new Int32Array(new SharedArrayBuffer(4)).fill(1)
  expect(locked(numbers, 0, () => 'done')).toBe('done')
  expect(numbers[0]).toBe(0)
  expect(() =>
    locked(numbers, 0, () => {
      throw new RangeError('no')
    }),
  ).toThrow(RangeError)
  expect(numbers[0]).toBe(0)
})
