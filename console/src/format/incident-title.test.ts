import { expect, test } from 'vitest'
import { incidentSentence } from './incident-title.ts'
import { plainNames } from './plain-names.ts'
import { shortTime } from './time.ts'

const now = new Date('2026-11-23T15:00:00Z')
const local = (iso: string): string => shortTime(iso, now)

test('the stored time in UTC becomes the reader’s', () => {
  expect(incidentSentence('mallory read 12 orders (2026-11-23 14:02 to 14:31 UTC)', [], now)).toBe(
    `mallory read 12 orders, ${local('2026-11-23T14:02:00Z')} to ${local('2026-11-23T14:31:00Z')}.`,
  )
  expect(incidentSentence('mallory read 12 orders (2026-11-23 14:02 UTC)', [], now)).toBe(
    `mallory read 12 orders, at ${local('2026-11-23T14:02:00Z')}.`,
  )
})

test('other sentences stay as they are', () => {
  expect(incidentSentence('Someone (at 9 addresses) tried', [], now)).toBe('Someone (at 9 addresses) tried.')
  expect(incidentSentence('Done.', [], now)).toBe('Done.')
})

test('principals are called by name, the longest id first', () => {
  expect(
    plainNames('user:annabel and user:anna met service:api', ['user:anna', 'user:annabel', 'service:api']),
  ).toBe('annabel and anna met api')
  expect(plainNames('user:anna met anonymous:9f2c', ['anonymous:9f2c'])).toBe('user:anna met anonymous:9f2c')
})
