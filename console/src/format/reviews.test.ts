import { expect, test } from 'vitest'
import {
  byWeight,
  literalTemplate,
  mergeTemplate,
  pinApart,
  reviewMargin,
  reviewOrder,
  reviewSentence,
  reviewsSentence,
  wantsLook,
  wordsApart,
} from './reviews.ts'

const review = {
  host: 'shop.example',
  state: 'merged',
  template: '/users/{userId}',
  count: 41,
  nats: 6,
  threshold: 2.7,
} as const

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
    [
      { ...review, state: 'apart', template: '/users/me', count: 1, held: 'answers' },
      '/users/me is an operation of its own: its calls are answered otherwise than those of the values beside it.',
    ],
    [
      { ...review, host: '{tenant}.shop.example', template: '/', count: 8 },
      'These 8 hosts answer alike and are read as one API, {tenant}.shop.example.',
    ],
  ] as const
  let rows = 0
  for (const [one, sentence] of told) {
    expect(reviewSentence(one)).toBe(sentence)
    rows += 1
  }
  expect(rows).toBe(7)
})

test('the page says how many there are and how many want a look', () => {
  expect(reviewsSentence([])).toBe('No words of any path and no hosts were in doubt.')
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

test('what is kept apart is a word, a whole host, or the place as it stands', () => {
  const { host, template } = review
  expect(pinApart({ host, template }, 'me')).toEqual({ host, template: '/users/me' })
  expect(pinApart({ host, template: '/users/me', held: 'answers' }, 'me')).toEqual({
    host,
    template: '/users/me',
  })
  expect(pinApart({ host: '{tenant}.shop.example', template: '/' }, 'acme.shop.example')).toEqual({
    host: 'acme.shop.example',
    template: '/',
  })
})

test('a word that its answers told apart is settled unless it was close', () => {
  const held = { ...review, state: 'apart', held: 'answers' } as const
  expect([held, { ...held, nats: 3 }].map(wantsLook)).toEqual([false, true])
  expect(reviewMargin(held)).toBe('Enough to keep it apart, clear')
})
