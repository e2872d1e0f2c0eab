import { mkdtempSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Control } from '../enforce/control.ts'
import { ManualClock } from '../kit/clock.ts'
import { CounterSet } from '../kit/counters.ts'
import { BundleKeeper, signingKeyFileName } from './bundle-keeper.ts'
import { localBypass, parseBypass } from './local-bypass.ts'
import { PolicySupply } from './policy-supply.ts'

const control = (version: number, names: readonly string[] = ['a', 'b']): Control => ({
  version,
  policies: names.map(name => ({ name, source: `# ${name}`, version: 1 })),
  quarantine: [],
  bypass: false,
})

let folder: string
let clock: ManualClock
let keeper: BundleKeeper
let obeyed: Control[]
let counters: CounterSet

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-bundle-'))
  clock = new ManualClock(1_000_000)
  keeper = new BundleKeeper(folder, clock)
  obeyed = []
  counters = new CounterSet()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const supply = (environment?: string): PolicySupply =>
  new PolicySupply({
    publicKey: keeper.publicKey,
    bundleFile: keeper.file,
    bypassFile: join(folder, 'bypass'),
    environment,
    clock,
    counters,
    obey: one => obeyed.push(one),
  })
const refused = (): number => counters.toJSON().sallyport_policy_bundles_refused_total ?? 0

describe('bundles', () => {
  it('are signed with a key that is made once and nobody else may read', () => {
    expect(statSync(join(folder, signingKeyFileName)).mode & 0o777).toBe(0o600)
    expect(new BundleKeeper(folder, clock).publicKey).toBe(keeper.publicKey)
    writeFileSync(join(folder, signingKeyFileName), 'no key')
    expect(() => new BundleKeeper(folder, clock)).toThrow('cannot be read')
  })

  it('are refused when they are not whole, not ours or older, and the last good one stays', () => {
    const points = supply()
    const good = keeper.seal(control(5))
    expect(points.receive(good)).toBeUndefined()
    const other = new BundleKeeper(mkdtempSync(join(folder, 'other-')), clock)
    const rows: readonly (readonly [bundle: unknown, why: RegExp])[] = [
      [other.seal(control(6)), /not signed by this installation/],
      [{ ...good, payload: good.payload.replace('"a"', '"x"') }, /hash/],
      [{ ...good, version: 7 }, /not signed/],
      [{ ...good, issuedAt: 1 }, /not signed/],
      [{ ...good, signature: 'AAAA' }, /signed|checked/],
      [{ ...good, signature: '' }, /signed|checked/],
      [{ ...good, format: 'other' }, /no bundle/],
      [undefined, /no bundle/],
      ['text', /no bundle/],
      [keeper.seal(control(4)), /older/],
    ]
    for (const [bundle, why] of rows) expect(points.receive(bundle)).toMatch(why)
    expect(rows).toHaveLength(10)
    expect(refused()).toBe(10)
    expect(obeyed).toEqual([control(5)])
    expect(points.receive(keeper.seal(control(6, ['c'])))).toBeUndefined()
    expect(obeyed.at(-1)).toEqual(control(6, ['c']))
  })

  it('are taken from the disk until control speaks, and not when they are damaged', async () => {
    expect(supply().ready).toBe(false)
    await keeper.keep(keeper.seal(control(9)))
    expect(keeper.keptVersion()).toBe(9)
    expect(supply().ready).toBe(true)
    expect(obeyed).toEqual([control(9)])
    const whole = readFileSync(keeper.file)
    for (const [bytes, times] of [
      [whole.subarray(0, 100), 1],
      [Buffer.from(String(whole).replace('"policies', '"policiez')), 2],
      [Buffer.alloc(0), 3],
    ] as const) {
      writeFileSync(keeper.file, bytes)
      expect(supply().ready).toBe(false)
      expect(refused()).toBe(times)
      expect(keeper.keptVersion()).toBe(0)
    }
  })

  it('tell how old they are, and what says the same again costs nothing', () => {
    const points = supply()
    points.receive(keeper.seal(control(1)))
    clock.advance(90_000)
    points.look()
    expect(counters.toJSON()).toMatchObject({
      sallyport_policy_bundle_age_seconds: 90,
      sallyport_policy_bundle_version: 1,
    })
    points.receive(keeper.seal(control(2)))
    expect(counters.toJSON()).toMatchObject({ sallyport_policy_bundle_age_seconds: 0 })
    expect(obeyed).toHaveLength(1)
  })
})

describe('the kill switch of this machine', () => {
  it('sets everything or single policies aside, by file and by environment, without control', () => {
    const points = supply()
    points.receive(keeper.seal(control(1)))
    writeFileSync(join(folder, 'bypass'), 'a # while we look\n')
    points.look()
    expect(obeyed.at(-1)).toEqual(control(1, ['b']))
    writeFileSync(join(folder, 'bypass'), 'all\n')
    points.look()
    points.look()
    expect(obeyed.at(-1)).toMatchObject({ bypass: true })
    expect(obeyed).toHaveLength(3)
    unlinkSync(join(folder, 'bypass'))
    points.look()
    expect(obeyed.at(-1)).toEqual(control(1))
    obeyed.length = 0
    supply('b').receive(keeper.seal(control(2)))
    expect(obeyed).toEqual([control(2, ['a'])])
    supply('all').receive(keeper.seal(control(3)))
    expect(obeyed.at(-1)).toMatchObject({ bypass: true })
  })

  it('is read leniently', () => {
    expect(parseBypass('')).toEqual({ all: false, policies: [] })
    expect(parseBypass('# nothing\n\n')).toEqual({ all: false, policies: [] })
    expect(parseBypass('a, b\nc')).toEqual({ all: false, policies: ['a', 'b', 'c'] })
    expect(localBypass(folder, 'a')).toEqual({ all: true, policies: ['a'] })
  })
})
