import { expect, test } from 'vitest'
import { pairKeys } from './pair-key.ts'

test('puts a pair together the same way each time, and tells pairs apart', () => {
  const keyOf = pairKeys()
  expect(keyOf('GET shop/orders', 'customer')).toBe('GET shop/orders\0customer')
  expect(keyOf('GET shop/orders', 'customer')).toBe('GET shop/orders\0customer')
  expect(new Set([keyOf('a', 'bc'), keyOf('ab', 'c'), keyOf('', 'abc'), keyOf('abc', '')]).size).toBe(4)
})

test('says the same when its memory was emptied, and of pairs too long to be kept', () => {
  const keyOf = pairKeys()
  for (let index = 0; index < 20_000; index += 1) keyOf('host', String(index))
  expect(keyOf('host', '0')).toBe('host\x000')
  const long = 'x'.repeat(1_024)
  expect(keyOf(long, 'y')).toBe(`${long}\0y`)
})
