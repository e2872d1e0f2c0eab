import { describe, expect, test } from 'vitest'
import type { SimulationView } from '../../../src/server/api/simulation.ts'
import { problemOf } from '../api/problem.ts'
import { auditSentence } from './audit.ts'
import { callersSentence, logPosition } from './callers.ts'
import { reasonWords } from './decisions.ts'
import { effectSentence } from './effect.ts'
import { foreignShare } from './foreign-share.ts'
import { principalName } from './names.ts'
import { queueSentence, ranked } from './queue.ts'
import { coverageSentence, detailText, stateName } from './sensors.ts'
import { simulationSentence } from './simulation.ts'

describe('the queue', () => {
  const incident = (
    id: string,
    status: 'open' | 'contained' | 'closed',
    severity: 'critical' | 'high',
    risk: number,
  ) => ({
    id,
    status,
    severity,
    risk,
    updated: '2026-11-23T10:00:00Z',
  })
  test('puts what needs a decision first', () => {
    const order = ranked([
      incident('a', 'closed', 'critical', 99),
      incident('b', 'open', 'high', 95),
      incident('c', 'contained', 'critical', 99),
      incident('d', 'open', 'critical', 80),
      incident('e', 'open', 'critical', 90),
    ])
    expect(order.map(({ id }) => id).join('')).toBe('bedca')
  })

  test('says how many, and how grave', () => {
    const open = incident('a', 'open', 'critical', 90)
    expect(queueSentence([])).toBe('No incident needs a decision.')
    expect(queueSentence([open])).toBe('1 incident needs a decision, and it is critical.')
    expect(queueSentence([open, { ...open, severity: 'high' }])).toBe(
      '2 incidents need a decision, 1 of them critical.',
    )
    expect(queueSentence([{ ...open, status: 'contained' }])).toBe(
      'No incident needs a decision. 1 incident is contained and can be closed.',
    )
  })
})

test('the effect of an action names bystanders', () => {
  expect(effectSentence({ principals: 1, calls: 212, others: 0 })).toBe(
    'Would have touched 1 principal and 212 calls in the last 24 hours, and nobody else.',
  )
  expect(effectSentence({ principals: 3, calls: 9, others: 2 })).toContain(
    '2 other principals who did nothing wrong',
  )
})

describe('a simulation', () => {
  const none = { calls: 0, stopped: 0, amended: 0, principals: 0, examples: [] }
  const base: SimulationView = {
    ...{
      calls: 48_211,
      matched: 0,
      principals: [],
      endpoints: [],
      examples: [],
      hash: 'h',
      truncated: false,
    },
    ...{ stopped: 0, amended: 0, errors: 0, policies: [] },
    attacks: { ...none, missed: 0, missedExamples: [], incidents: [] },
    ...{ suspect: none, benign: none, other: none },
  }
  const attacks = {
    ...base.attacks,
    ...{ calls: 212, stopped: 212, incidents: [{ incident: 'i', calls: 212, stopped: 212 }] },
  }
  test.each([
    [{ ...base, calls: 0 }, 'There are no recorded calls in this time to run it over.'],
    [base, 'Of 48\u202f211 calls it would have acted on none.'],
    [
      { ...base, matched: 212, attacks },
      'Of 48\u202f211 calls it would have acted on 212: all 212 are evidence of one incident; no benign call.',
    ],
    [
      { ...base, matched: 214, attacks, benign: { ...none, stopped: 1, amended: 1 } },
      'Of 48\u202f211 calls it would have acted on 214: 2 benign calls and 212 of known attacks.',
    ],
    [
      { ...base, matched: 215, attacks: { ...attacks, missed: 1 }, suspect: { ...none, stopped: 3 } },
      'Of 48\u202f211 calls it would have acted on 215: 212 of known attacks, 3 by their actors at the time and no benign call. It misses 1 call of known attacks.',
    ],
    [
      { ...base, matched: 9 },
      'Of 48\u202f211 calls it would have acted on 9, and changed none: they are only marked.',
    ],
  ] as const)('says whom it touches %#', (simulation, sentence) => {
    expect(simulationSentence(simulation)).toBe(sentence)
  })
})

describe('callers', () => {
  const caller = (principal: string, calls: number) => ({ principal, calls, refused: 0, lastSeen: '' })
  test('are compared with the actor', () => {
    const callers = [
      caller('user:mallory', 212),
      caller('user:a', 9),
      caller('user:b', 4),
      caller('user:c', 2),
    ]
    expect(callersSentence(callers, new Set(['user:mallory']))).toBe(
      'mallory made 212 calls; the other 3 callers made at most 9, half of them 4 or fewer.',
    )
  })

  test('stand in order on the line, within its ends', () => {
    const places = [1, 2, 10, 99, 100].map(value => logPosition(value, 100))
    expect(places).toEqual([...places].sort((a, b) => a - b))
    expect(places[0]).toBe(20)
    expect(places.at(-1)).toBe(980)
    expect(logPosition(1, 1)).toBe(500)
  })

  test('give the share that belongs to others', () => {
    const signal = {
      principal: 'user:mallory',
      observed: { objects: 80 },
      expected: { agreement: 0.998 },
      evidence: [],
    }
    const share = foreignShare(signal, [caller('user:mallory', 100)])
    expect(share?.here).toBe(0.8)
    expect(share?.sentence).toContain('80 brought what belongs to others (80 %)')
    expect(foreignShare({ ...signal, observed: { objects: 500 } }, [caller('user:mallory', 100)])?.here).toBe(
      1,
    )
    expect(foreignShare(signal, undefined)).toBeUndefined()
    expect(foreignShare({ ...signal, expected: {} }, [caller('user:mallory', 100)])).toBeUndefined()
  })
})

test('the audit log is told in sentences, also what has no wording yet', () => {
  const record = { sequence: 1, time: '', actor: 'session:anna', target: 'inc-1' }
  expect(auditSentence({ ...record, action: 'incident.close', detail: { reason: 'a test of ours' } })).toBe(
    'anna closed the incident: a test of ours.',
  )
  expect(auditSentence({ ...record, action: 'constructor', detail: {} })).toBe(
    'anna did constructor on inc-1.',
  )
  expect(
    auditSentence({
      ...record,
      action: 'endpoint.label',
      target: 'GET a/b',
      detail: { owner: null, reason: 'moved' },
    }),
  ).toMatch(/ said of GET a\/b: no owner any more: moved\.$/)
  expect(
    auditSentence({
      ...record,
      action: 'finding.dismiss',
      detail: { rule: 'type-drift', endpoint: 'GET a/b', days: 7, reason: 'known' },
    }),
  ).toMatch(/ dismissed type drift at GET a\/b for 7 days: known\.$/)
  expect(auditSentence({ ...record, action: 'pin.add', detail: { host: 'a', template: '/{b}' } })).toMatch(
    / fixed the template a\/\{b\}\.$/,
  )
  expect(auditSentence({ ...record, action: 'spec.import', detail: { paths: 3 } })).toBe(
    'anna did spec import on inc-1 (paths: 3).',
  )
})

test('coverage says what was missed', () => {
  const sensor = { id: 'gateway', kind: 'gateway', state: 'running', events: 10, dropped: 0, rejected: 0 }
  expect(coverageSentence([])).toContain('nothing is being seen')
  expect(coverageSentence([sensor])).toBe('The one sensor is well; nothing was dropped.')
  expect(coverageSentence([sensor, { ...sensor, id: 'import', state: 'failed', dropped: 5 }])).toBe(
    '1 sensor of 2 needs a look: import; 5 calls of 25 calls dropped unseen.',
  )
  expect(coverageSentence([{ ...sensor, events: 0 }])).toBe('The one sensor runs and has heard nothing yet.')
  expect(coverageSentence([sensor, { ...sensor, id: 'otlp' }])).toBe(
    'Both sensors are well; nothing was dropped.',
  )
})

test('a sensor that could not start is told from one that nobody asked for', () => {
  const sensor = { id: 'gateway', kind: 'gateway', state: 'running', events: 10, dropped: 0, rejected: 0 }
  const off = { ...sensor, id: 'otlp', state: 'stopped', events: 0 }
  const ill = {
    ...off,
    detail: 'It cannot listen on 127.0.0.1:4318. (127.0.0.1:4318)\n  → Choose another port.',
  }
  expect([stateName(off), stateName(ill)]).toEqual(['off', 'could not start'])
  expect(coverageSentence([sensor, ill])).toBe(
    '1 sensor is well; nothing was dropped. otlp could not start: what it would see is missed.',
  )
  expect(detailText(ill)).toBe('It cannot listen on 127.0.0.1:4318. Choose another port.')
  expect(detailText({ detail: 'It cannot be read. (a.yaml:3)' })).toBe('It cannot be read. (a.yaml:3)')
  expect(detailText({ detail: '12197 spans: 613 calls, from 10.0.0.1:50000.' })).toBe(
    '12\u202f197 spans: 613 calls, from 10.0.0.1:50000.',
  )
})

test('a decision that stands for several says so in a sentence', () => {
  expect([
    reasonWords('Fields are hidden. (and 3 more since the last record)'),
    reasonWords('It is refused (and 1 more since the last record)'),
    reasonWords('It is refused'),
  ]).toEqual([
    'Fields are hidden. This record stands for 3 more calls of this caller.',
    'It is refused. This record stands for 1 more call of this caller.',
    'It is refused.',
  ])
})

test('what fails inside without a word of its own has a mend', () => {
  expect(problemOf(503, undefined)).toMatchObject({
    message: 'The server answered with status 503.',
    mend: expect.stringContaining('Try again in a moment.'),
  })
  expect(problemOf(500, { title: 'Broken.', mend: 'Mend it.' }).mend).toBe('Mend it.')
  expect(problemOf(404, undefined).mend).toBeUndefined()
})

test('the token that the server was started with is called by its variable', () => {
  expect(['token:environment', 'session:environment', 'user:environment'].map(principalName)).toEqual([
    'SALLYPORT_TOKEN',
    'SALLYPORT_TOKEN',
    'environment',
  ])
})
