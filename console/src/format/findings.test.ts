import { expect, test } from 'vitest'
import type { FindingView } from '../../../src/server/api/finding.ts'
import { filterFindings, findingFilterFrom, findingsSentence, firstSentence, tallied } from './findings.ts'

const finding = (id: string, more: Partial<FindingView> = {}): FindingView => ({
  id,
  rule: 'type-drift',
  severity: 'low',
  endpoint: 'GET a.example/orders',
  title: `total is a text (${id})`,
  why: '',
  fix: '',
  owasp: [],
  evidence: [],
  status: 'open',
  firstSeen: '2026-01-01T00:00:00Z',
  lastSeen: '2026-01-01T00:00:00Z',
  ...more,
})

const all = [
  finding('a'),
  finding('b', { severity: 'critical', endpoint: 'GET a.example/users' }),
  finding('c', { severity: 'high', rule: 'undocumented-status' }),
  finding('d', { lastSeen: '2026-02-01T00:00:00Z' }),
]
const from = (text: string) => findingFilterFrom(new URLSearchParams(text))
const ids = (text: string): string =>
  filterFindings(all, from(text))
    .map(({ id }) => id)
    .join('')

test('the gravest come first, and among equals the most recently seen', () => {
  expect(ids('')).toBe('bcda')
})

test('the address says what is left', () => {
  expect(ids('severity=high')).toBe('c')
  expect(ids('rule=type-drift')).toBe('bda')
  expect(ids('endpoint=GET+a.example%2Fusers')).toBe('b')
  expect(ids('q=TEXT+users')).toBe('b')
  expect(from('status=nonsense').status).toBe('open')
  expect(from('status=gone').status).toBe('gone')
})

test('the page says how many and how grave', () => {
  expect(findingsSentence(all, 'open')).toBe('4 findings at 2 endpoints want mending: 1 critical and 1 high.')
  expect(findingsSentence([all[0] as FindingView], 'open')).toBe(
    '1 finding at 1 endpoint wants mending: none of them grave.',
  )
  expect(findingsSentence([], 'open')).toBe('Nothing needs mending.')
  expect(findingsSentence(all, 'dismissed')).toBe('4 findings may stay: someone said why.')
})

test('a row tells the first sentence of why', () => {
  expect(firstSentence('It came in 3.1 MB. Nobody asked.')).toBe('It came in 3.1 MB.')
  expect(firstSentence('One only')).toBe('One only')
})

test('rules are counted, most first', () => {
  expect(tallied(all.map(({ rule }) => rule))).toEqual([
    ['type-drift', 3],
    ['undocumented-status', 1],
  ])
})
