import { describe, expect, it } from 'vitest'
import type { IncidentId } from '../../kit/id.ts'
import { freeze, thaw } from '../../kit/snapshot.ts'
import { Detection } from '../detection.ts'
import { observations, traffic } from '../traffic.ts'
import { suppressionsOf } from './dismiss.ts'
import { NoiseBudget, scoreOf } from './noise-budget.ts'
import type { DismissalScope, Suppression } from './suppression.ts'
import { feedbackOf, noTuning, type Tuning } from './tuning.ts'

const dayMs = 86_400_000

const taught =
  'learn alice,bob,carol,dave GET /orders/{self}-{1..5} every 5s -> 200 {"id":"{id}","owner":"{self}"}'
const raid = 'mallory GET /orders/{bob}-{1..4} every 1s -> 200 {"id":"{id}","owner":"bob"}'
const again = 'mallory GET /orders/{carol}-{1..4} every 1s -> 200 {"id":"{id}","owner":"carol"}'
const injection = `mallory GET /products?q=1'%20UNION%20SELECT%20password%20FROM%20users-- -> 200 {"items":[]}`

/** Runs the text; after its first incident was raised it is dismissed, as the server would do it. */
function dismissing(
  text: string,
  word: { readonly scope?: DismissalScope; readonly days?: number; readonly removedAfterMs?: number } = {},
  interrupted = false,
): Detection {
  let detection = new Detection()
  let tuning: Tuning | undefined
  let raised = 0
  for (const o of observations(traffic(text))) {
    const { incidents } = detection.observe(o)
    const [incident] = incidents
    if (incident !== undefined) raised += 1
    // With its fourth call the first raid is over.
    if (tuning !== undefined || incident === undefined || raised < 4) continue
    const signals = detection.signals().filter(({ id }) => detection.incident(incident)?.signals.includes(id))
    const { scope = 'actor-detector-endpoint', days = 30, removedAfterMs } = word
    const made = suppressionsOf(signals, {
      incident,
      reason: 'test',
      scope,
      days,
      at: o.call.time + 1,
      by: 'token:ops',
    }).map(
      (one): Suppression => ({
        ...one,
        ...(removedAfterMs === undefined ? {} : { removedAt: one.at + removedAfterMs }),
      }),
    )
    tuning = { ...noTuning, version: 1, suppressions: made }
    detection.tune(tuning)
    if (interrupted) {
      const saved = thaw(freeze(detection.save())) as ReturnType<Detection['save']>
      detection = new Detection()
      detection.load(saved)
      detection.tune(tuning)
    }
  }
  expect(tuning, 'something was dismissed').toBeDefined()
  return detection
}

const told = (detection: Detection) =>
  detection
    .incidents()
    .map(({ detectors, opened, signals }) => ({ detectors, opened, signals: signals.length }))
    .sort((a, b) => a.opened - b.opened)
    .map(({ detectors }) => detectors.join(' '))

describe('a dismissal', () => {
  const rows: readonly (readonly [
    what: string,
    text: string,
    word: Parameters<typeof dismissing>[1],
    incidents: readonly string[],
  ])[] = [
    ['keeps the same from being raised', `${taught}\n${raid}\nwait 1h\n${again}`, {}, ['owner-binding']],
    [
      'does not hide what another detector finds of the same actor',
      `${taught}\n${raid}\nwait 1m\n${injection}`,
      {},
      ['owner-binding', 'injection-payload'],
    ],
    [
      'does not hide the same of another actor',
      `${taught}\n${raid}\nwait 1m\n${raid.replace('mallory', 'trudy')}`,
      {},
      ['owner-binding', 'owner-binding'],
    ],
    [
      'of detector and endpoint covers other actors',
      `${taught}\n${raid}\nwait 1m\n${raid.replace('mallory', 'trudy')}`,
      { scope: 'detector-endpoint' },
      ['owner-binding'],
    ],
    [
      'ends: what comes then is another incident',
      `${taught}\n${raid}\nwait 31d\n${again}`,
      {},
      ['owner-binding', 'owner-binding'],
    ],
    [
      'lasts as long as it was said',
      `${taught}\n${raid}\nwait 31d\n${again}`,
      { days: 60 },
      ['owner-binding'],
    ],
    [
      'can be taken back',
      `${taught}\n${raid}\nwait 1h\n${again}`,
      { removedAfterMs: 60_000 },
      ['owner-binding', 'owner-binding'],
    ],
  ]
  it.each(rows)('%s', (_, text, word, incidents) => {
    const detection = dismissing(text, word)
    expect(told(detection)).toEqual(incidents)
    const [first] = detection.incidents()
    expect(first).toBeDefined()
  })

  it.each(rows)('%s, saved and gone on', (_, text, word, incidents) => {
    expect(told(dismissing(text, word, true))).toEqual(incidents)
  })

  it('was tried in every way', () => expect(rows).toHaveLength(7))

  it('counts what it keeps back', () => {
    const { hits, detectors } = dismissing(`${taught}\n${raid}\nwait 1h\n${again}`).standing()
    expect(hits).toMatchObject([{ hits: 4 }])
    expect(detectors.find(({ detector }) => detector === 'owner-binding')).toMatchObject({ suppressed: 4 })
  })

  it('of refused attempts lets a success through', () => {
    const tried = `${taught}\nmallory GET /orders/{bob}-{1..5} every 1s -> 403`
    const detection = new Detection()
    for (const o of observations(traffic(tried))) detection.observe(o)
    const signals = detection.signals()
    expect(signals.length).toBeGreaterThan(0)
    expect(signals.every(({ attempt }) => attempt)).toBe(true)
    const word = { incident: 'i', reason: 'test', scope: 'actor-detector', days: 1, at: 5, by: 'x' } as const
    expect(suppressionsOf(signals, word).every(({ attemptsOnly }) => attemptsOnly)).toBe(true)
    const both = [...signals, { ...signals[0]!, attempt: false }]
    expect(
      suppressionsOf(both, word).find(({ detector }) => detector === signals[0]!.detector),
    ).toMatchObject({ attemptsOnly: false })
  })

  it('never covers all of a detector', () => {
    const detection = new Detection()
    for (const o of observations(traffic(`${taught}\n${raid}`))) detection.observe(o)
    const [signal] = detection.signals()
    const { endpoint: _, ...nowhere } = signal!
    for (const scope of ['actor-detector-endpoint', 'actor-detector', 'detector-endpoint'] as const) {
      const made = suppressionsOf([signal!, nowhere], {
        ...{ incident: 'i', reason: 'test', scope, days: 1, at: 5, by: 'x' },
      })
      for (const { actor, endpoint } of made) expect(actor ?? endpoint).toBeDefined()
    }
  })
})

describe('feedback', () => {
  const words = (count: number, verdict: 'attack' | 'benign', at: number) =>
    Array.from({ length: count }, (_, index) =>
      feedbackOf(`i-${index}` as IncidentId, [{ detector: 'owner-binding', confidence: 0.93 }] as never, {
        verdict,
        at,
        by: 'token:ops',
      }),
    )
  const confidenceWith = (tuning: Partial<Tuning>) => {
    const detection = new Detection()
    detection.tune({ ...noTuning, version: 1, ...tuning })
    for (const o of observations(traffic(`${taught}\n${raid}`))) detection.observe(o)
    return detection.signals()[0]
  }
  const raw = confidenceWith({})!.confidence

  it('corrects what a detector says from ten words on, and tells how many', () => {
    expect(confidenceWith({ feedback: words(9, 'benign', 0) })).toMatchObject({ confidence: raw })
    const corrected = confidenceWith({ feedback: words(12, 'benign', 0) })!
    expect(corrected.confidence).toBeLessThan(raw / 1.5)
    expect(corrected.calibrated).toEqual({ raw, n: 12 })
    expect(confidenceWith({ feedback: words(60, 'benign', 0) })!.confidence).toBeLessThan(0.1)
    expect(confidenceWith({ feedback: words(60, 'attack', 0) })!.confidence).toBeGreaterThan(raw)
  })

  it('counts from its own time on', () => {
    expect(confidenceWith({ feedback: words(60, 'benign', Date.parse('2030-01-01')) })).toMatchObject({
      confidence: raw,
    })
  })
})

describe('settings', () => {
  const ran = (tuning: Partial<Tuning>) => {
    const detection = new Detection()
    detection.tune({ ...noTuning, version: 1, ...tuning })
    for (const o of observations(traffic(`${taught}\n${raid}`))) detection.observe(o)
    return detection.signals().map(({ detector }) => detector)
  }
  const setting = { detector: 'owner-binding', options: {}, at: 0, by: 'x' }

  it('turn a detector off and on', () => {
    expect(ran({})).toContain('owner-binding')
    expect(ran({ settings: [{ ...setting, enabled: false }] })).not.toContain('owner-binding')
    const detection = new Detection({ disabled: ['owner-binding'] })
    detection.tune({ ...noTuning, settings: [{ ...setting, enabled: true }] })
    for (const o of observations(traffic(`${taught}\n${raid}`))) detection.observe(o)
    expect(detection.signals().map(({ detector }) => detector)).toContain('owner-binding')
  })

  it('change an option from the next call on', () => {
    const guesses = (options: Readonly<Record<string, number>>) => {
      const detection = new Detection()
      const text =
        'anonymous POST /login body={"username":"alice","password":"[redacted:password:0000000000{n}]"} every 2s x 8 -> 401 {"error":"wrong password"}'
      for (const [index, o] of [...observations(traffic(text))].entries()) {
        if (index === 4)
          detection.tune({
            ...noTuning,
            settings: [{ ...setting, detector: 'brute-force', options }],
          })
        detection.observe(o)
      }
      return detection.signals().filter(({ detector }) => detector === 'brute-force').length
    }
    expect(guesses({})).toBe(0)
    expect(guesses({ failures: 6 })).toBe(1)
  })
})

describe('the noise budget', () => {
  const week = 7 * dayMs
  /** So many actors a day for a week, each with a score of its own. */
  const noise = (budget: NoiseBudget, number: number, perDay: number, factor = 1): number => {
    let held = 0
    for (let day = 0; day < 7; day += 1)
      for (let actor = 0; actor < perDay; actor += 1) {
        const score = factor * (1 + actor / perDay)
        if (budget.judge('d', `u${actor}`, score, number * week + day * dayMs, 0) !== undefined) held += 1
      }
    return held
  }

  it('holds back the lowest scores of what is too much, in the week after', () => {
    const budget = new NoiseBudget()
    expect(noise(budget, 1, 20)).toBe(0)
    const held = noise(budget, 2, 20)
    // Room for 35 of 140.
    expect(140 - held).toBeGreaterThanOrEqual(30)
    expect(140 - held).toBeLessThanOrEqual(42)
    expect(budget.held('d', 2 * week + 6 * dayMs)).toBe(held)
    expect(budget.threshold('d')).toMatchObject({ base: 0, why: expect.stringContaining('140') })
  })

  it('gives room again when it is quiet, and rises slowly against whoever makes noise', () => {
    const budget = new NoiseBudget()
    noise(budget, 1, 20, 100)
    noise(budget, 2, 1)
    expect(budget.threshold('d').value).toBe(1.95)
    noise(budget, 3, 1)
    noise(budget, 5, 1)
    expect(budget.threshold('d').value).toBe(0)
    for (let number = 6; number < 20; number += 1) noise(budget, number, 30, 1_000)
    expect(budget.threshold('d').value).toBe(8)
  })

  it('scores by how many times the usual, on either side', () => {
    expect(scoreOf({ value: 300 }, { median: 10, p99: 100 })).toBe(3)
    expect(scoreOf({ value: 2 }, { median: 10, p99: 100 })).toBe(5)
    expect(scoreOf({ what: 'x' }, {})).toBe(1)
  })

  it('lists what is held back, opens nothing for it, and never asks what is deterministic', () => {
    const list = (size: number): string =>
      `[${Array.from({ length: size }, (_, index) => `{"id":${index}}`).join(',')}]`
    const text = `mallory GET /products?page={n}&size=100 every 1s x 80 -> 200 ${list(100)}`
    const seen = (budget: NoiseBudget | undefined) => {
      const detection = new Detection()
      if (budget !== undefined) {
        const saved = detection.save()
        detection.load({ ...saved, tuner: { ...saved.tuner, budget } })
      }
      for (const o of observations(traffic(`${text}\n${taught}\n${raid.replace('mallory', 'trudy')}`)))
        detection.observe(o)
      return detection
    }
    const scraped = (detection: Detection) =>
      detection.signals().filter(({ detector }) => detector === 'scraping')
    expect(scraped(seen(undefined))[0]?.held).toBeUndefined()
    const budget = new NoiseBudget()
    const at = Date.parse('2026-03-02') - 2 * week
    for (let day = 0; day < 14; day += 1)
      for (let actor = 0; actor < 60; actor += 1)
        budget.judge('scraping', `u${actor}`, 500, at + day * dayMs, 0)
    const detection = seen(budget)
    expect(scraped(detection)[0]?.held).toEqual({ score: expect.any(Number), threshold: expect.any(Number) })
    expect(detection.incidents().map(({ detectors }) => detectors)).toEqual([['owner-binding']])
  })
})
