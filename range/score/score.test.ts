import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { run } from '../world/simulation.ts'
import type { Alert } from './alert.ts'
import { interval, median } from './interval.ts'
import { measure } from './measure.ts'
import { Recording } from './recording.ts'
import { readResults } from './results-file.ts'
import { summarise } from './summary.ts'
import { scoreTable } from './table.ts'

const base = mkdtempSync(join(tmpdir(), 'sallyport-score-test-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))
run({ app: 'shop', seed: 8, out: base, historyDays: 1, windowDays: 1, kinds: ['bola-read', 'scanner'] })
const recording = new Recording(base)
const { truth } = recording

const callsOf = (attack: string, ...outcomes: readonly string[]): readonly string[] =>
  Object.entries(truth.calls).flatMap(([call, one]) =>
    one.attack === attack && outcomes.includes(one.outcome) ? [call] : [],
  )
const benign = [...recording.times.keys()].filter(call => truth.calls[call] === undefined)
const alert = (incident: string, calls: readonly string[], more: Partial<Alert> = {}): Alert => ({
  incident,
  evidence: new Map(calls.map(call => [call, recording.times.get(call) ?? 0])),
  principals: [],
  by: [],
  title: incident,
  ...more,
})
const scored = (attacked: readonly Alert[], clean: readonly Alert[] = []) =>
  measure(recording, { product: 'test', attacked, clean })

describe('the score', () => {
  const [first, second] = truth.attacks
  const [one, two] = [first?.id ?? '', second?.id ?? '']

  it('has attacks to find', () => {
    expect(truth.attacks.length).toBeGreaterThanOrEqual(4)
    expect(benign.length).toBeGreaterThan(100)
  })

  it('finds nothing where nothing is said', () => {
    const { attacks, incidents, falseAlarms } = scored([])
    expect(attacks.filter(({ found }) => found)).toEqual([])
    expect(incidents).toEqual({ right: 0, neutral: 0, wrong: 0, lumped: 0 })
    expect(falseAlarms).toMatchObject({ incidents: 0, days: 1 })
  })

  it('counts the requests and the time until the first call that is named', () => {
    const calls = callsOf(one, 'success', 'attempt')
    const times = calls.map(call => recording.times.get(call) ?? 0)
    const third = calls[2] ?? ''
    const at = recording.times.get(third) ?? 0
    const [found] = scored([alert('i', [third])]).attacks
    expect(found).toMatchObject({
      found: true,
      requests: times.filter(time => time <= at).length,
      seconds: Math.round((at - Math.min(...times)) / 1_000),
      incidents: 1,
    })
  })

  it('tells split and lumped incidents, wrong ones and neutral ones', () => {
    const mixed = alert('lump', [
      callsOf(one, 'success', 'attempt')[0] ?? '',
      callsOf(two, 'success', 'attempt')[0] ?? '',
    ])
    const again = alert('split', [callsOf(one, 'success', 'attempt')[1] ?? ''])
    const neutral = alert('neutral', [...callsOf(one, 'setup').slice(0, 1), benign[0] ?? ''])
    const wrong = alert('wrong', benign.slice(0, 3))
    const { incidents, attacks, falseAlarms } = scored([mixed, again, neutral, wrong], [wrong])
    expect(incidents).toEqual({ right: 2, neutral: 1, wrong: 1, lumped: 1 })
    expect(attacks.find(({ attack }) => attack === one)?.incidents).toBe(2)
    expect(falseAlarms?.incidents).toBe(1)
  })

  it('asks incidents about objects of others only where they may be about them', () => {
    const all = Object.keys(truth.calls)
    const { access } = scored([alert('i', all)])
    expect(access.foreign).toBeGreaterThan(0)
    expect(access.hits).toBe(access.foreign)
    expect(scored([alert('i', all, { owasp: ['API8:2023'] })]).access.hits).toBe(0)
    expect(scored([alert('i', all, { owasp: ['API1:2023'] })]).access.hits).toBe(access.foreign)
    expect(scored([alert('i', [...recording.times.keys()])]).access.falseHits.own).toBeGreaterThan(0)
  })

  it('sums worlds up by kind and level', () => {
    const everything = truth.attacks.map(({ id }) => alert(id, callsOf(id, 'success', 'attempt')))
    const summary = summarise('test', [scored(everything), scored([])])
    expect(summary.rows.reduce((sum, { attacks }) => sum + attacks, 0)).toBe(2 * truth.attacks.length)
    expect(summary.rows.every(({ recall }) => recall === 0.5)).toBe(true)
    expect(summary.precision.share).toBe(1)
    const text = scoreTable(summary)
    expect(text).toContain('bola-read')
    expect(text).toContain('precision 100 %')
  })
})

describe('results of another product', () => {
  const write = (name: string, text: string): string => {
    writeFileSync(join(base, name), text)
    return join(base, name)
  }

  it('are lines, several of one incident adding up', () => {
    const [call = '', other = ''] = benign
    const path = write(
      'results.jsonl',
      `${JSON.stringify({ incident: 'i-1', evidence: [call], principals: ['user:7'], time: '2026-04-01T10:00:00Z' })}\n\n${JSON.stringify({ incident: 'i-1', evidence: [call, other] })}\n`,
    )
    const [read] = readResults(path, recording.times)
    expect(read?.principals).toEqual(['user:7'])
    expect([...(read?.evidence ?? [])]).toEqual([
      [call, Date.parse('2026-04-01T10:00:00Z')],
      [other, recording.times.get(other)],
    ])
  })

  it('are an analysis document', () => {
    const [call = ''] = callsOf(truth.attacks[0]?.id ?? '', 'success', 'attempt')
    const time = new Date(recording.times.get(call) ?? 0).toISOString()
    const path = write(
      'document.json',
      JSON.stringify({
        incidents: [{ id: 'i', title: 't', principals: [], signals: ['s'], evidence: [call] }],
        signals: [{ id: 's', time, owasp: ['API1:2023'], attempt: true, evidence: [call], detector: 'd' }],
      }),
    )
    expect(scored(readResults(path, recording.times)).incidents.right).toBe(1)
  })

  it.each([
    ['not json', 'The line is not JSON.'],
    ['{"evidence":[]}', '`incident` is missing.'],
    ['{"incident":"i"}', '`evidence` is not a list of call ids.'],
    ['{"incident":"i","evidence":[],"time":"soon"}', '`time` is no time.'],
  ])('says what is wrong with %s', (line, message) => {
    const path = write('wrong.jsonl', `{"incident":"a","evidence":[]}\n${line}\n`)
    expect(() => readResults(path, recording.times)).toThrow(message)
  })
})

describe('figures', () => {
  it('have intervals that hold the share and widen with doubt', () => {
    expect(interval(0, 0)).toEqual([0, 1])
    const [low, high] = interval(9, 10)
    expect(low).toBeCloseTo(0.596, 2)
    expect(high).toBeCloseTo(0.982, 2)
    expect(median([])).toBeNull()
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 2, 3])).toBe(2.5)
  })
})
