import { expect, test } from 'vitest'
import { chdbAvailability, type Machine } from './availability.ts'

const machine = (change: Partial<Machine> = {}): Machine => ({
  platform: 'linux',
  arch: 'x64',
  glibc: true,
  avx2: true,
  installed: () => true,
  ...change,
})

test('says what is missing', () => {
  const table: readonly (readonly [Machine, reason: RegExp | undefined])[] = [
    [machine(), undefined],
    [machine({ arch: 'arm64', avx2: false }), undefined],
    [machine({ platform: 'darwin', arch: 'arm64', glibc: false, avx2: false }), undefined],
    [machine({ platform: 'win32' }), /no build for win32/],
    [machine({ arch: 'riscv64' }), /no build for linux on riscv64/],
    [machine({ glibc: false }), /musl/],
    [machine({ avx2: false }), /AVX2/],
    [machine({ installed: () => false }), /chdb is not installed/],
    [machine({ installed: name => name === 'chdb' }), /@chdb\/lib-linux-x64-gnu is not installed/],
  ]
  let checked = 0
  for (const [given, reason] of table) {
    const answer = chdbAvailability(given)
    expect(answer.available).toBe(reason === undefined)
    if (reason !== undefined) expect(answer.reason).toMatch(reason)
    checked += 1
  }
  expect(checked).toBe(9)
})

test('knows this machine without loading the engine', () => {
  const answer = chdbAvailability()
  expect(typeof answer.available).toBe('boolean')
  expect(answer.available).toBe(answer.reason === undefined)
})
