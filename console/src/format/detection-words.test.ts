import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { BacktestView } from '../../../src/server/api/backtest.ts'
import type { DetectorView } from '../../../src/server/api/detector.ts'
import type { HabitsView } from '../../../src/server/api/habits.ts'
import { auditSentence } from './audit.ts'
import { reachedWords } from './blast-radius.ts'
import { sureOf } from './confidence.ts'
import {
  backtestSentence,
  byNoise,
  calibrationWords,
  detectorSentence,
  noisyOnes,
  optionsToSend,
  precisionWords,
  readOptions,
  tuningSentence,
} from './detectors.ts'
import { dismissalEffect, reasons, reasonWords, scopeWords, suppressionWords } from './dismissal.ts'
import { dayName, habitPairs, habitsSentence, hourCells, hourRanges } from './habits.ts'
import { claimLines, identitySentence } from './identity.ts'
import { money } from './money.ts'
import { changesSentence, filterQueue } from './queue.ts'
import { stagesOf } from './stages.ts'
import { watchSentence } from './watch.ts'
import { saidAlike, whyGroups, whySentence, whyShare } from './why.ts'

const theft = {
  principals: ['user:mallory'],
  endpoints: ['GET h/orders/{orderId}'],
  detectors: ['owner-binding'],
}

describe('a dismissal', () => {
  test('is told of the very incident, and of many in general', () => {
    expect(scopeWords('actor-detector-endpoint', [theft])).toBe('Only mallory at GET /orders/{orderId}')
    expect(scopeWords('actor-detector', [theft])).toBe('Only mallory, at any endpoint')
    expect(scopeWords('detector-endpoint', [theft])).toBe('Anyone, at GET /orders/{orderId}')
    expect(scopeWords('actor-detector-endpoint', [theft, theft])).toBe(
      'Only the same actor at the same endpoint',
    )
    expect(scopeWords('detector-endpoint', [{ ...theft, endpoints: [] }])).toBe(
      'Anyone, at the same endpoint',
    )
    expect(reasons.map(reason => reasonWords[reason])).toHaveLength(5)
  })

  test('says what is not raised any more, and that the rest is', () => {
    const said = dismissalEffect('detector-endpoint', [theft], 30, new Date('2026-11-23T12:00:00Z'))
    expect(said).toMatch(/^Closes the incident\. Until 23 Dec, \d\d:00, what owner binding finds at GET/)
    expect(said).toContain('whoever does it, is counted and not raised. Everything else is raised as before')
    expect(dismissalEffect('actor-detector', [theft, theft], 7)).toContain('Closes 2 incidents.')
  })

  test('that holds is one line', () => {
    const held = { detectorTitle: 'Scraping', actor: 'user:a', endpoint: 'GET h/x', attemptsOnly: false }
    expect(suppressionWords(held)).toBe('Scraping by a at GET /x')
    expect(suppressionWords({ detectorTitle: 'Scraping', attemptsOnly: true })).toBe(
      'Scraping by anyone anywhere, while it is refused',
    )
  })
})

const detector: DetectorView = {
  id: 'scraping',
  title: 'Scraping',
  summary: '',
  kind: 'statistical',
  family: 'exfiltration',
  severity: 'medium',
  owasp: [],
  attack: [],
  whenNotAnAttack: '',
  enabled: true,
  options: [
    { name: 'factor', value: 4, default: 3, reason: '' },
    { name: 'records', value: 500, default: 500, reason: '' },
  ],
  signals7d: 2,
  signals30d: 5,
  incidents30d: 1,
  confirmed: 1,
  dismissed: 9,
  precision: { value: 0.1, low: 0.018, high: 0.404, n: 10 },
  suppressions: 0,
  suppressed: 0,
  held: 0,
  threshold: { value: 0, base: 0, why: '' },
  calibration: { method: 'none', n: 10 },
}
const unjudged = {
  ...detector,
  title: 'Other',
  dismissed: 0,
  precision: { value: null, low: 0, high: 1, n: 0 },
}

describe('a detector', () => {
  test('is called noisy only where that is sure', () => {
    const lucky = { ...detector, precision: { value: 0, low: 0, high: 0.66, n: 2 } }
    expect(noisyOnes([detector, unjudged, lucky])).toEqual([detector])
    expect(tuningSentence([detector, { ...unjudged, enabled: false }])).toBe(
      '1 detector runs, 1 is off; “Scraping” is wrong more often than right.',
    )
    expect(tuningSentence([unjudged, unjudged])).toBe('2 detectors run; none is known to be noisy.')
    expect(byNoise([unjudged, detector]).map(({ title }) => title)).toEqual(['Scraping', 'Other'])
  })

  test('claims nothing that nobody said', () => {
    expect(precisionWords(unjudged)).toBe('nobody has said yet')
    expect(precisionWords(detector)).toBe('1 of 10 were attacks: 10 %, between 2 % and 40 %')
    expect(calibrationWords({ calibration: { method: 'none', n: 0 } })).toContain('nobody has said')
    expect(calibrationWords({ calibration: { method: 'platt', n: 31 } })).toContain('31 incidents')
    expect(detectorSentence(detector)).toBe(
      '“Scraping” raised 5 signals in 30 days, 2 of them in the last 7, and took part in 1 incident. People spoke of 10: 1 was an attack.',
    )
    expect(detectorSentence({ ...unjudged, signals30d: 0 })).toBe('“Other” has found nothing in 30 days.')
    expect(detectorSentence({ ...detector, enabled: false })).toContain('is off')
  })

  test('reads what was typed: numbers that differ, and what is none', () => {
    expect(readOptions(detector.options, { factor: ' 5 ', records: '500' })).toEqual({
      changed: { factor: 5 },
      wrong: [],
    })
    for (const text of ['', 'many', '-1', 'Infinity', 'NaN'])
      expect(readOptions(detector.options, { factor: text })).toEqual({ changed: {}, wrong: ['factor'] })
    expect(optionsToSend(detector.options, { factor: 3, records: 600 })).toEqual({
      factor: null,
      records: 600,
    })
  })

  test('a test says what would come and go', () => {
    const run = { options: {}, signals: 41, principals: 3, millisPerThousandCalls: 3, state: 9 }
    const one = {
      id: 'a',
      time: '',
      severity: 'low',
      confidence: 1,
      principal: '',
      message: '',
      evidence: [],
    } as const
    const test: BacktestView = {
      detector: 'scraping',
      calls: 1000,
      truncated: false,
      before: run,
      after: { ...run, signals: 40 },
      appeared: [one],
      vanished: [one, one],
    }
    expect(backtestSentence(test)).toBe(
      'Over 1\u202f000 recorded calls 1 signal would be new and 2 would be gone: 40 signals instead of 41.',
    )
    expect(backtestSentence({ ...test, appeared: [], vanished: [] })).toContain('makes no difference')
    expect(backtestSentence({ ...test, calls: 0 })).toContain('nothing to test it on')
  })
})

const habits: HabitsView = {
  normal: { callsPerDay: 38, endpoints: 5, hours: [8, 9, 22], bytes: 1000, days: 12 },
  today: { date: '2026-11-23', calls: 452, endpoints: 5, hours: [2], bytes: 900 },
  deviations: [{ what: 'calls', text: 'Today 452 calls, 38 are usual', value: 452, usual: 38 }],
  objects: [],
}
const noon = new Date('2026-11-23T12:00:00Z')

describe('habits', () => {
  test('say how a day differs, or that it does not', () => {
    expect(habitsSentence(habits, noon)).toBe('Today 452 calls, 38 are usual.')
    expect(habitsSentence({ ...habits, deviations: [] }, noon)).toBe('Today is like their other days.')
    const { normal: _, ...young } = habits
    expect(habitsSentence(young, noon)).toContain('takes three days')
    expect(habitsSentence({ ...habits, today: { ...habits.today, calls: 0 } }, noon)).toContain('no calls')
    expect(dayName({ ...habits, today: { ...habits.today, date: '2026-11-20' } }, noon)).toBe('20 Nov')
    expect(habitPairs(young)).toEqual([])
    expect(habitPairs(habits).map(({ what, beyond }) => [what, beyond])).toEqual([
      ['calls', true],
      ['endpoints', false],
      ['bytes', false],
    ])
  })

  test('hours keep their number in every zone, and ranges name each once', () => {
    fc.assert(
      fc.property(fc.integer({ min: -12, max: 14 }), fc.uniqueArray(fc.nat(23)), (offset, hours) => {
        const cells = hourCells({ ...habits, today: { ...habits.today, hours } }, offset)
        const shown = cells.filter(({ today }) => today).map(({ hour }) => hour)
        expect(shown).toHaveLength(hours.length)
        expect(new Set(shown)).toEqual(new Set(hours.map(hour => (hour + offset + 48) % 24)))
        const named = hourRanges(shown)
          .split(', ')
          .filter(Boolean)
          .flatMap(range => {
            const [from = 0, to = from] = range.split('–').map(Number)
            return Array.from({ length: to - from + 1 }, (_, index) => from + index)
          })
        expect(named).toEqual(shown)
      }),
    )
    expect(hourRanges([8, 9, 10, 14])).toBe('08–10, 14')
  })
})

test('who somebody is, is told with how far it can be trusted', () => {
  const jwt = {
    scheme: 'bearer-jwt',
    at: 'header:authorization',
    fingerprint: 'f',
    verification: 'unverified',
    claims: { sub: 'anna', password: 'x', roles: ['a'], aud: 'b'.repeat(300) },
  }
  expect(identitySentence({ id: 'user:anna', kind: 'user' }, [jwt])).toBe(
    'anna is known by bearer jwt in the header authorization, which nobody here has verified.',
  )
  expect(identitySentence({ id: 'anonymous:9f2c11', kind: 'anonymous' }, [])).toContain('anybody can imitate')
  const lines = claimLines([jwt, jwt])
  expect(lines.map(([name]) => name)).toEqual(['sub', 'aud', 'roles'])
  expect(lines[1]?.[1]).toHaveLength(201)
})

test('why not: the answer first', () => {
  const state = (...states: readonly (typeof whyGroups)[number]['state'][]) =>
    states.map(one => ({ state: one }))
  expect(whySentence([])).toContain('No detector')
  expect(whySentence(state('raised', 'below', 'off'))).toBe(
    '1 detector raised it; 2 of 3 detectors looked at this call.',
  )
  expect(whySentence(state('other-kind', 'below'))).toBe(
    'None raised it: 1 of 2 detectors looked at this call.',
  )
  expect(whySentence(state('held', 'suppressed', 'learning'))).toBe(
    'None raised it: 3 of 3 detectors looked at this call, 2 would have, but were told not to and 1 is still learning.',
  )
  expect(new Set(whyGroups.map(({ state: one }) => one)).size).toBe(8)
  expect([whyShare({ value: 120, threshold: 480 }), whyShare({ value: 9, threshold: 3 })]).toEqual([0.25, 1])
  expect([whyShare({}), whyShare({ value: 1, threshold: 0 })]).toEqual([undefined, undefined])
})

test('why not: what many say alike is said once, what has numbers for itself', () => {
  const item = (detector: string, text: string, more: object = {}) =>
    ({ detector, title: detector, state: 'below', text, ...more }) as const
  const said = saidAlike([
    item('a', 'Not yet'),
    item('b', 'It saw 3', { value: 3, threshold: 9 }),
    item('c', 'Not yet'),
    item('d', 'It saw 3', { value: 3, threshold: 5 }),
  ])
  expect(said.map(({ items }) => items.map(({ detector: id }) => id).join(''))).toEqual(['ac', 'b', 'd'])
})

test('the queue is narrowed by words and by what moved', () => {
  const one: Parameters<typeof filterQueue>[0][number] = {
    title: 'mallory read invoices',
    severity: 'high',
    principals: ['user:mallory'],
    endpoints: [],
    dataClasses: ['email'],
    detectors: [],
  }
  const all = [
    { ...one, changedSinceVisit: 'new' as const },
    { ...one, title: 'eve tried', principals: [] },
  ]
  expect(filterQueue(all, { q: 'MALLORY  email' })).toHaveLength(1)
  expect(filterQueue(all, { q: '', change: 'any' })).toHaveLength(1)
  expect(filterQueue(all, { q: '', change: 'worse' })).toHaveLength(0)
  expect(filterQueue(all, { q: '', severity: 'low' })).toHaveLength(0)
  expect(changesSentence(all)).toBe('Since your last visit 1 is new.')
  expect(changesSentence([one])).toBe('')
})

test('what was reached, what it is worth, and what is watched', () => {
  const reach = { objects: 2, records: 0, dataClasses: [], tenants: ['a', 'b'], endpoints: [] }
  expect([reachedWords(reach), reachedWords(undefined), reachedWords({ ...reach, objects: 0 })]).toEqual([
    '2 objects of 2 tenants',
    '',
    '',
  ])
  expect(money({ amount: 18_240.5, currency: 'EUR' })).toBe('€18\u202f241')
  expect(money({ amount: 4.5, currency: 'USD' })).toBe('$4.50')
  expect(money({ amount: 1_000, currency: 'not one' })).toBe('1\u202f000 not one')
  const totals = { calls: 9, principals: 1, endpoints: 2, candidates: 0 }
  expect(watchSentence({ totals, sensors: [] }, [{ enabled: true }, { enabled: false }])).toBe(
    'Watched by 1 detector (1 is off): 9 calls of 1 principal to 2 endpoints, from 0 running sensors.',
  )
  expect(watchSentence({ totals: { ...totals, calls: 0 }, sensors: [] }, undefined)).toContain(
    'nothing is watched',
  )
})

test('stages stand in the order in which they were come to', () => {
  const step = (stage: string | undefined, time: string) => ({
    time,
    text: '',
    evidence: [],
    ...(stage === undefined ? {} : { stage }),
  })
  expect(
    stagesOf([step('discovery', '1'), step(undefined, '2'), step('collection', '3'), step('discovery', '4')]),
  ).toEqual([
    { name: 'discovery', steps: 2, first: 0, from: '1', to: '4' },
    { name: 'collection', steps: 1, first: 2, from: '3', to: '3' },
  ])
})

test('what people did to detection is told in the history', () => {
  const record = { sequence: 1, time: '', actor: 'ada', target: 'scraping' }
  const said = (action: string, detail: Record<string, unknown>): string =>
    auditSentence({ ...record, action, detail })
  expect(said('incident.dismiss', { reason: 'not-an-attack', days: 7 })).toBe(
    'ada dismissed the incident for 7 days: not an attack.',
  )
  expect(said('incident.feedback', { verdict: 'attack' })).toBe('ada said that it was an attack.')
  expect(said('suppression.remove', { detector: 'owner-binding' })).toBe(
    'ada ended a dismissal of owner binding.',
  )
  expect(said('detector.set', { enabled: false, options: { peerFactor: 5, records: null } })).toBe(
    'ada set the detector scraping: off, peer factor 5, records back to its default.',
  )
})

test('a confidence that people corrected says so', () => {
  expect(sureOf({ confidence: 0.62 })).toBe('likely (62 %)')
  expect(sureOf({ confidence: 0.62, calibrated: { raw: 0.9, n: 31 } })).toBe(
    'likely (62 %), corrected from 90 % by what people said of 31 incidents',
  )
})
