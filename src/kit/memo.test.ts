import { expect, test } from 'vitest'
import { memo, memoLast, memoOf } from './memo.ts'

test('asks once for each text, also where nothing is what it said', () => {
  const asked: string[] = []
  const length = memo(text => {
    asked.push(text)
    return text === '' ? undefined : text.length
  })
  expect([length('ab'), length(''), length('ab'), length('')]).toEqual([2, undefined, 2, undefined])
  expect(asked).toEqual(['ab', ''])
})

test('forgets all of it when it is full, and never keeps what is long', () => {
  let asked = 0
  const same = memo(text => {
    asked += 1
    return text
  })
  for (let index = 0; index < 4_097; index += 1) same(String(index))
  expect(same('4096')).toBe('4096')
  expect(asked).toBe(4_097)
  expect(same('0')).toBe('0')
  expect(asked).toBe(4_098)
  const long = 'x'.repeat(513)
  expect([same(long), same(long)]).toEqual([long, long])
  expect(asked).toBe(4_100)
})

test('remembers what it said of the last object', () => {
  let asked = 0
  const one = { name: 'a' }
  const other = { name: 'b' }
  const nameOf = memoLast((object: { readonly name: string }) => {
    asked += 1
    return object.name
  })
  expect([nameOf(one), nameOf(one), nameOf(other), nameOf(one)]).toEqual(['a', 'a', 'b', 'a'])
  expect(asked).toBe(3)
})

test('remembers what it said of each object that is still there', () => {
  let asked = 0
  const one = { name: 'a' }
  const other = { name: 'b' }
  const nameOf = memoOf((object: { readonly name: string }) => {
    asked += 1
    return object.name
  })
  expect([nameOf(one), nameOf(other), nameOf(one), nameOf({ name: 'a' })]).toEqual(['a', 'b', 'a', 'a'])
  expect(asked).toBe(3)
})
