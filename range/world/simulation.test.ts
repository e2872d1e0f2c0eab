import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { Redactor } from '../../src/call/redactor.ts'
import { readEvents } from '../../src/sensors/files/index.ts'
import { apps } from '../apps/index.ts'
import { attacks } from '../attacks/index.ts'
import { linesOf, Recording, recordingFiles } from '../score/recording.ts'
import { run } from './simulation.ts'

const base = mkdtempSync(join(tmpdir(), 'sallyport-range-test-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))

/** A day before, two days of the window: long enough for every part to speak. */
const small = (app: string, seed: number, folder: string, kinds?: readonly string[]) =>
  run({
    app,
    seed,
    out: join(base, folder),
    historyDays: 2,
    windowDays: 2,
    ...(kinds === undefined ? {} : { kinds }),
  })

describe('a world', () => {
  it('writes the same bytes for the same seed, and others for another', () => {
    const kinds = ['bola-accounts', 'account-takeover', 'token-forged', 'card-testing']
    small('shop', 4, 'one', kinds)
    small('shop', 4, 'two', kinds)
    small('shop', 5, 'three', kinds)
    let compared = 0
    for (const name of recordingFiles) {
      const bytes = readFileSync(join(base, 'one', name))
      expect(readFileSync(join(base, 'two', name)).equals(bytes), name).toBe(true)
      expect(readFileSync(join(base, 'three', name)).equals(bytes), name).toBe(false)
      compared += 1
    }
    expect(compared).toBe(5)
  }, 120_000)

  it('refuses what there is none of', () => {
    expect(() => small('nowhere', 1, 'none')).toThrow('There is no application nowhere.')
    expect(() => small('shop', 1, 'none', ['nothing'])).toThrow('There is no attack kind nothing.')
  })

  it('keeps what people do apart from what attackers do', () => {
    // The same visits at the same times: whoever is no victim sends what they send in the clean window.
    small('bank', 4, 'apart', ['scanner'])
    const recording = new Recording(join(base, 'apart'))
    const shape = (line: Record<string, unknown>): string => {
      const { method, target } = line.request as { method: string; target: string }
      return `${line.time} ${method} ${target.split('?')[0]}`
    }
    const clean = [...linesOf(recording.file('clean.jsonl.gz'))].map(shape)
    const benign = [...linesOf(recording.file('attacked.jsonl.gz'))]
      .filter(({ id }) => recording.truth.calls[String(id)] === undefined)
      .map(shape)
    expect(clean.length).toBeGreaterThan(1_000)
    expect(benign).toEqual(clean)
  })
})

describe.each(apps.map(({ id }) => id))('the truth about %s', app => {
  const folder = join(base, `truth-${app}`)
  const { truth } = small(app, 6, `truth-${app}`)
  const recording = new Recording(folder)
  const ids = (name: (typeof recordingFiles)[number]): readonly string[] =>
    [...linesOf(recording.file(name))].map(({ id }) => String(id))
  const attacked = new Set(ids('attacked.jsonl.gz'))

  it('names only calls that were recorded in the attacked window', () => {
    const named = Object.keys(truth.calls)
    expect(named.length).toBeGreaterThan(100)
    expect(named.filter(call => !attacked.has(call))).toEqual([])
    const benign = new Set([...ids('history.jsonl.gz')])
    expect(named.filter(call => benign.has(call))).toEqual([])
  })

  it('counts the calls of each attack', () => {
    expect(truth.attacks.length).toBeGreaterThan(10)
    const counted = new Map<string, Record<string, number>>()
    for (const { attack, outcome } of Object.values(truth.calls)) {
      const own = counted.get(attack) ?? { calls: 0, setup: 0, success: 0, attempt: 0 }
      counted.set(attack, { ...own, calls: own.calls! + 1, [outcome]: own[outcome]! + 1 })
    }
    for (const { id, calls, setup, success, attempt } of truth.attacks) {
      expect(counted.get(id), id).toEqual({ calls, setup, success, attempt })
      expect(success + attempt).toBeGreaterThan(0)
    }
  })

  it('gives every access a relation and an owner that agree', () => {
    const { accesses } = recording
    expect(accesses.length).toBeGreaterThan(100)
    for (const { relation, owner, principal, call } of accesses) {
      expect(attacked.has(call)).toBe(true)
      if (relation === 'own') expect(owner).toBe(principal)
      else if (relation === 'missing') expect(owner).toBeNull()
      else {
        expect(['shared', 'support', 'foreign']).toContain(relation)
        expect(owner).not.toBe(principal)
      }
    }
  })

  it('calls nothing foreign that an ordinary person did', () => {
    const foreign = recording.accesses.filter(
      ({ relation, call }) => relation === 'foreign' && truth.calls[call] === undefined,
    )
    expect(foreign).toEqual([])
  })

  it('is read back by the product without a rejection', async () => {
    const redactor = new Redactor({ key: Buffer.alloc(32, 1) })
    const rejections: unknown[] = []
    let calls = 0
    for await (const event of readEvents([recording.file('attacked.jsonl.gz')], {
      redactor,
      onRejection: one => rejections.push(one),
    }))
      if (event.type === 'call') calls += 1
    expect(rejections).toEqual([])
    expect(calls).toBe(truth.attacked.calls)
  })
})

describe('the registries', () => {
  const files = (folder: string): readonly string[] =>
    readdirSync(join(import.meta.dirname, '..', folder))
      .filter(name => name.endsWith('.ts') && !/^index\.|\.test\.ts$/.test(name))
      .map(name => name.slice(0, -3))
      .sort()

  it('have every kind of attack, named after its file', () => {
    expect(attacks.map(({ id }) => id).sort()).toEqual(files('attacks'))
    expect(attacks.length).toBeGreaterThan(50)
    for (const { title, owasp } of attacks) {
      expect(title).not.toBe('')
      expect(owasp.length).toBeGreaterThan(0)
    }
  })

  it('have every application, named after its folder', () => {
    const folders = readdirSync(join(import.meta.dirname, '../apps'), { withFileTypes: true })
    expect(apps.map(({ id }) => id).sort()).toEqual(
      folders
        .filter(one => one.isDirectory())
        .map(({ name }) => name)
        .sort(),
    )
  })
})
