import { describe, expect, it } from 'vitest'
import { freeze, thaw } from '../../kit/snapshot.ts'
import { Detection } from '../detection.ts'
import type { Signal } from '../signal.ts'
import { observations, traffic } from '../traffic.ts'
import { linkedAccounts } from './linked-accounts.ts'
import { scanner } from './scanner.ts'
import { scraping } from './scraping.ts'
import { slowExfiltration } from './slow-exfiltration.ts'
import { unusualExport } from './unusual-export.ts'
import { volume } from './volume.ts'

const detectors = [linkedAccounts, scanner, scraping, slowExfiltration, unusualExport, volume]

/** @param cut after so many calls everything is saved, and goes on in a fresh one */
function signalsOf(text: string, cut?: number): readonly Signal[] {
  let detection = new Detection({ detectors, graphDetectors: [] })
  for (const [index, o] of [...observations(traffic(text))].entries()) {
    if (index === cut) {
      const again = new Detection({ detectors, graphDetectors: [] })
      again.load(thaw(freeze(detection.save())) as ReturnType<Detection['save']>)
      detection = again
    }
    detection.observe(o)
  }
  return detection.signals()
}

const days = (count: number, line: (day: number) => string): string =>
  Array.from({ length: count }, (_, day) => `${line(day)}\nwait 23h`).join('\n')
const people = Array.from({ length: 12 }, (_, index) => `p${index}`).join(',')
const history = days(
  5,
  day => `learn ${people} GET /orders/{${day * 9 + 1}..${day * 9 + 8}} every 5s -> 200 {"total":3}`,
)

describe('slow exfiltration', () => {
  it('adds up a little too much every day, against the own days and those of peers', () => {
    const [signal, ...others] = signalsOf(
      `${history}\n${days(8, day => `p3 GET /orders/{${500 + day * 30}..${529 + day * 30}} every 3m -> 200 {"total":3}`)}`,
    )
    expect(others).toEqual([])
    expect(signal).toMatchObject({ detector: 'slow-exfiltration', principal: 'user:p3', attempt: false })
    expect(signal?.message).toContain('different orders on')
    expect(signal?.observed).toMatchObject({ metric: 'orders opened per day', unit: 'objects' })
    expect(signal?.expected.peers).toBe('12 users')
    expect(signal?.expected.n).toBeGreaterThanOrEqual(30)
    for (const key of ['median', 'p90']) expect(signal?.expected[key], key).toBeLessThan(12)
    expect(signal?.evidence.length).toBeGreaterThan(30)
  })

  it('says nothing of one large day, nor of a duty that was always large', () => {
    expect(
      signalsOf(
        `${history}\np3 GET /orders/{500..560} every 1m -> 200 {"total":3}\nwait 1d\np3 GET /orders/{3} -> 200`,
      ),
    ).toEqual([])
    const clerk = days(
      6,
      day => `learn clerk GET /orders/{${900 + day * 30}..${929 + day * 30}} every 3m -> 200 {"total":3}`,
    )
    expect(
      signalsOf(
        `${history}\n${clerk}\n${days(6, day => `clerk GET /orders/{${2_000 + day * 31}..${2_022 + day * 31 + ((day * 5) % 9)}} every 3m -> 200 {"total":3}`)}`,
      ),
    ).toEqual([])
  })

  it('finds the same number every day, none of it twice', () => {
    const found = signalsOf(
      `${history}\n${days(9, day => `p4 GET /orders/{${500 + day * 20}..${519 + day * 20}} every 3m -> 200 {"total":3}`)}`,
    )
    expect(found.map(({ detector }) => detector)).toContain('slow-exfiltration')
    const quota = found.find(({ message }) => message.includes('same number'))
    expect(quota?.observed).toMatchObject({ value: 20, days: 7 })
  })
})

describe('an unusual export', () => {
  const rows = (count: number): string =>
    `[${Array.from({ length: count }, (_, index) => `{"id":${index},"name":"Customer ${index}"}`).join(',')}]`

  it('tells the first of its kind from one that is too large', () => {
    const work = 'learn dana GET /customers/{1..12} -> 200 {"name":"A"}\nwait 1d\n'.repeat(6)
    const [first] = signalsOf(`${work}dana GET /customers/export -> 200 ${rows(400)}`)
    expect(first?.message).toMatch(
      /^user:dana exported a file from .+ for the first time, \d+ bytes, after 6 days/,
    )
    const reports = `learn a,b,c,d,e,f GET /reports x 8 -> 200 ${rows(30)}`
    const [large] = signalsOf(`${reports}\na GET /reports -> 200 ${rows(2_500)}`)
    expect(large?.message).toMatch(/99 % of \d+ exports from there have at most/)
    expect(large?.expected).toMatchObject({ peers: 'all exports from there' })
  })
})

describe('scanner', () => {
  it('counts different paths, not repeats, and stops with the scan', () => {
    const scan = Array.from({ length: 16 }, (_, index) => `anonymous GET /a${index}b -> 404`).join('\n')
    const [signal] = signalsOf(`${scan}\nanonymous GET /a1b x 20 -> 404`)
    expect(signal?.observed).toMatchObject({ paths: 16, missed: 16 })
    expect(signal).toMatchObject({ attempt: true, severity: 'low' })
    expect(signalsOf('anonymous GET /gone x 200 -> 404')).toEqual([])
  })

  it('does not blame callers of a server that breaks for all', () => {
    const all = Array.from({ length: 40 }, (_, index) => `${people} GET /part${index} -> 500`).join('\n')
    expect(
      signalsOf(`learn ${people} GET /me x 4 -> 500\n${all}`).filter(({ severity }) => severity !== 'low'),
    ).toEqual([])
  })
})

describe('the detectors of reading and volume', () => {
  it('saved at any point and made again tell the same', () => {
    let cuts = 0
    for (const { examples } of detectors)
      for (const text of examples.fires) {
        const calls = traffic(text).length
        const plain = JSON.stringify(signalsOf(text))
        for (const share of [0.3, 0.9, 0.99]) {
          cuts += 1
          expect(JSON.stringify(signalsOf(text, Math.floor(share * calls)))).toBe(plain)
        }
      }
    expect(cuts).toBeGreaterThan(30)
  }, 120_000)
})
