import { expect, test } from 'vitest'
import { cpuMicros } from './process-cpu.ts'
import { median, round } from './statistics.ts'
import { answer, workloads } from './workload.ts'

const leaves = (value: unknown): number =>
  typeof value === 'object' && value !== null
    ? Object.values(value).reduce<number>((sum, child) => sum + leaves(child), 0)
    : 1

test('the workloads are what the figures say they are', () => {
  const [get, post] = workloads
  expect([...new URL(get!.target, 'http://a').searchParams]).toHaveLength(5)
  expect(leaves(JSON.parse(post!.body!))).toBe(43)
  expect(post!.body!.length).toBeGreaterThan(900)
  expect(post!.body!.length).toBeLessThan(1_150)
  expect(leaves(JSON.parse(answer))).toBeGreaterThan(10)
  expect(answer.length).toBeGreaterThan(900)
  expect(answer.length).toBeLessThan(1_150)
  expect(answer).not.toContain("'")
})

test('the middle is the middle', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 3, 2])).toBe(2.5)
  expect(round(1234.5)).toBe(1230)
  expect(round(0.012345)).toBe(0.0123)
})

test.skipIf(process.platform !== 'linux')(
  'CPU time grows with work and is 0 for a process that is not there',
  () => {
    const before = cpuMicros(process.pid)
    let sum = 0
    for (let turn = 0; turn < 20_000_000; turn += 1) sum += turn % 7
    expect(sum).toBeGreaterThan(0)
    expect(cpuMicros(process.pid)).toBeGreaterThan(before)
    expect(cpuMicros(2 ** 30)).toBe(0)
  },
)
