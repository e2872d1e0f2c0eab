import { expect, test } from 'vitest'
import {
  byWeight,
  literalTemplate,
  mergeTemplate,
  reviewMargin,
  reviewOrder,
  reviewSentence,
  reviewsSentence,
  wantsLook,
  wordsApart,
} from './reviews.ts'

const review = { state: 'merged', template: '/users/{userId}', count: 41, nats: 6, threshold: 2.7 } as const

test('a place is told in a sentence', () => {
  const told = [
    [review, 'These 41 words under /users are read as {userId}.'],
    [
      { ...review, state: 'apart', template: '/sync/{feed}', count: 5 },
      'These 5 words under /sync are kept apart.',
    ],
    [{ ...review, template: '/{tenant}', count: 1 }, 'This word at the top is read as {tenant}.'],
    [{ ...review, state: 'pinned' }, 'What stands under /users is read as {userId}.'],
    [{ ...review, state: 'pinned', template: '/users/me' }, '/users/me is kept as it is.'],
  ] as const
  let rows = 0
  for (const [one, sentence] of told) {
    expect(reviewSentence(one)).toBe(sentence)
    rows += 1
  }
  expect(rows).toBe(5)
})

test('the page says how many there are and how many want a look', () => {
  expect(reviewsSentence([])).toBe('No words of any path were in doubt.')
  const clear = { ...review, nats: 9 }
  expect(reviewsSentence([clear, clear, { ...review, state: 'apart' }])).toBe(
    '3 places where words might be values: 2 read as values and 1 kept apart. One wants a look.',
  )
})

test('close calls come first, decided ones last', () => {
  const close = { ...review, nats: 2.9 }
  const pinned = { ...review, state: 'pinned' as const }
  expect([pinned, review, close].sort(reviewOrder)).toEqual([close, review, pinned])
  expect([close, review, pinned].map(wantsLook)).toEqual([true, false, false])
  expect(reviewMargin(close)).toBe('Enough for a merge, a close call')
  expect(reviewMargin({ ...review, state: 'apart', nats: -3 })).toBe('Not enough for a merge, very clear')
})

test('words that a person keeps apart are found at their place', () => {
  const pin = (id: string, template: string, host = 'a.example') => ({
    id,
    host,
    template,
    at: '',
    by: 'ada',
  })
  const pins = [
    pin('1', '/users/me'),
    pin('2', '/users/{userId}'),
    pin('3', '/users/me/settings'),
    pin('4', '/users/me', 'b.example'),
    pin('5', '/usersx/me'),
  ]
  expect(wordsApart({ host: 'a.example', template: '/users/{userId}' }, pins)).toEqual([
    { word: 'me', pin: pins[0] },
  ])
  expect(wordsApart({ host: 'a.example', template: '/users/me' }, pins)).toEqual([])
})

test('what is assumed beforehand is told last', () => {
  const evidence = [
    { term: 'prior', nats: -2.7, why: '' },
    { term: 'a', nats: 1, why: '' },
    { term: 'b', nats: -2, why: '' },
  ]
  expect(byWeight(evidence).map(({ term }) => term)).toEqual(['b', 'a', 'prior'])
})

test('a merge fixes the placeholder, a split one word in its place', () => {
  expect(mergeTemplate('/users/{userId}')).toBe('/users/{userId}')
  expect(literalTemplate('/tenants/{tenant}/users/{userId}', 'me')).toBe('/tenants/{tenant}/users/me')
})
