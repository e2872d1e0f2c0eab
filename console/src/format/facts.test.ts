import { describe, expect, test } from 'vitest'
import { factPairs, factRows, factText, remainingFacts, restsOn } from './facts.ts'

describe('factPairs', () => {
  test('pairs numbers of one name, the largest departure first', () => {
    const pairs = factPairs(
      { objects: 212, tenants: 3, field: 'x' },
      { objects: 4, tenants: 1, claim: 'tenant' },
    )
    expect(pairs.map(({ key, observed, expected }) => [key, observed, expected])).toEqual([
      ['objects', 212, 4],
      ['tenants', 3, 1],
    ])
  })

  test('reads the one number of a sentence, and keeps the sentence', () => {
    const [pair] = factPairs({ accounts: '38 accounts' }, { accounts: 'fewer than 5 accounts that fail' })
    expect(pair?.usual).toBe('fewer than 5 accounts that fail')
    expect(factPairs({ a: '1 of 2' }, { a: 5 })).toEqual([])
  })

  test('says nothing of what was measured from nobody', () => {
    const expected = { distinct: 'up to 0 in one stretch', callers: 0 }
    expect(factPairs({ objects: 84 }, expected)).toEqual([])
    expect(factRows({ observed: {}, expected, message: '' })[0]?.expected).toContain('not known yet')
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY, -1])('leaves out %s', value => {
    expect(factPairs({ a: value }, { a: 1 })).toEqual([])
  })
})

test('what only fills the message’s blanks is not said again', () => {
  const observed = {
    who: 'mallory',
    verb: 'read',
    what: '212 invoices',
    belong: 'belong',
    objects: 212,
    stride: 1,
  }
  expect(remainingFacts(observed, 'mallory read 212 invoices that belong to others.', new Set())).toEqual([
    ['stride', 1],
  ])
})

test('the basis of an expectation', () => {
  expect(restsOn({ calls: 18_340, principals: 26, agreement: 0.998 })).toBe(
    'Learned from 18\u202f340 calls and 26 callers, true in 99 % of them.',
  )
  expect(restsOn({ token: 'text' })).toBe('')
})

test('facts as text', () => {
  expect([
    factText(0.998),
    factText(2.349),
    factText(true),
    factText(['a', 'b']),
    factText({ a: 1 }),
  ]).toEqual(['99 %', '2.3', 'yes', 'a and b', '{"a":1}'])
})

test('a table holds what was observed beside what is expected, each thing once', () => {
  const rows = factRows({
    observed: { objects: 212, claim: 'sub', who: 'mallory', order: 'o-1', verb: 'read' },
    expected: { distinct: 4, claim: 'the owner', calls: 18_340, agreement: 0.99, limit: 'one tenant' },
    message: 'mallory read o-1.',
  })
  expect(rows.map(({ label, observed, expected }) => [label, observed, expected])).toEqual([
    ['Objects', '212', '4'],
    ['Claim', 'sub', 'the owner'],
    ['Limit', '', 'one tenant'],
  ])
  const drawn = factRows(
    { observed: { value: 3, x: 1 }, expected: { value: 2 }, message: '' },
    new Set(['value']),
  )
  expect(drawn.map(({ key }) => key)).toEqual(['x'])
})

test('what was measured is named in its unit where nothing is known to compare it with', () => {
  const rows = factRows({
    observed: { value: 2_000_000, metric: 'bytes of one export', unit: 'bytes', client: 'c1' },
    expected: { n: 0, peers: 'nobody' },
    message: '',
  })
  expect(rows.map(({ label, observed, expected }) => [label, observed, expected])).toEqual([
    ['Bytes of one export', '2 MB', ''],
    ['Client', 'c1', ''],
  ])
})
