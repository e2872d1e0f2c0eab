import { expect, test } from 'vitest'
import type { ChangeView } from '../../../src/server/api/change.ts'
import { byDay, changeDetail, changeKinds, changesSentence } from './changes.ts'

const change = (kind: ChangeView['kind'], more: Partial<ChangeView> = {}): ChangeView => ({
  id: '1',
  time: '2026-11-22T10:00:00Z',
  kind,
  endpoint: 'GET a.example/a',
  dataClasses: [],
  sensitive: false,
  ...more,
})
const card = { dataClasses: ['payment-card'], sensitive: true } as const

test.each<[readonly ChangeView[], string]>([
  [[], 'Nothing about the APIs has changed since yesterday.'],
  [[change('endpoint-new')], '1 endpoint is new since yesterday.'],
  [[change('endpoint-new', card)], '1 endpoint is new since yesterday; it carries payment card.'],
  [
    [change('endpoint-new', { dataClasses: ['email', 'iban', 'phone', 'postal-code'], sensitive: true })],
    '1 endpoint is new since yesterday; it carries IBAN, email and 2 more.',
  ],
  [
    [change('endpoint-new', card), change('endpoint-new'), change('endpoint-new')],
    '3 endpoints are new since yesterday; one carries payment card.',
  ],
  [
    [
      change('auth-removed-once'),
      change('field-new'),
      change('endpoint-gone', { endpoint: 'GET a.example/b' }),
    ],
    'No endpoint is new since yesterday; one answered without the credential that it had always asked for; 1 field is new or of another type; one is gone.',
  ],
])('the first line of %#', (changes, sentence) => {
  expect(changesSentence(changes, 'since yesterday')).toBe(sentence)
})

test('every kind has its words', () => {
  expect(changeKinds).toHaveLength(11)
  const text = (given: ChangeView): string => {
    const { name, text } = changeDetail(given)
    return [name, text].filter(Boolean).join(' ')
  }
  expect(text(change('field-new', { side: 'response', field: 'card', after: 'string' }))).toBe(
    'card in answers, string',
  )
  expect(text(change('field-type-changed', { side: 'request', field: 'n', before: 'a', after: 'b' }))).toBe(
    'n in requests was a, is b',
  )
  expect(text(change('data-class-new', { side: 'response', field: 'c', after: 'payment-card' }))).toBe(
    'c in answers carries payment card',
  )
  expect(text(change('auth-removed-once', { before: 'bearer-jwt', after: 'none' }))).toBe(
    'had always asked for bearer jwt',
  )
  expect(text(change('endpoint-new'))).toBe('')
})

test('days are the reader’s, in the order given', () => {
  const now = new Date(2026, 10, 22, 12)
  const at = (day: number, hour: number): ChangeView =>
    change('status-new', { time: new Date(2026, 10, day, hour).toISOString() })
  const days = byDay([at(22, 9), at(22, 1), at(21, 23), at(16, 5)], now)
  expect(days.map(({ title, changes }) => [title, changes.length])).toEqual([
    ['Today', 2],
    ['Yesterday', 1],
    ['Monday 16 November', 1],
  ])
})
