import { expect, test } from 'vitest'
import { keptOrder, steady } from './steady.ts'

const items = (ids: string) => [...ids].map(id => ({ id }))
const ids = (shown: readonly { readonly id: string }[]): string => shown.map(({ id }) => id).join('')

test('rows stay where they are: new ones wait, those that are gone leave', () => {
  const { shown, waiting } = steady(items('xcab'), ['a', 'b', 'd'])
  expect(ids(shown)).toBe('ab')
  expect(waiting).toBe(2)
})

test('or come after the rest, in their own order', () => {
  const { shown, fresh } = keptOrder(items('xcab'), ['a', 'b', 'd'])
  expect(ids(shown)).toBe('abxc')
  expect(fresh).toBe(2)
  expect(keptOrder(items('ba'), ['a', 'b']).fresh).toBe(0)
})
