import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { endpointId } from '../kit/id.ts'
import { riskOf } from './correlate.ts'
import { Detection } from './detection.ts'
import type { DetectorDefinition } from './detector.ts'
import { detectors } from './detectors/index.ts'
import type { SignalRecord } from './signal-ledger.ts'
import { observations, traffic } from './traffic.ts'

const taught =
  'learn alice,bob,carol,dave GET /orders/{self}-{1..5} every 5s -> 200 {"id":"{id}","owner":"{self}"}'

function run(text: string, options: ConstructorParameters<typeof Detection>[0] = {}): Detection {
  const detection = new Detection(options)
  for (const o of observations(traffic(text))) detection.observe(o)
  return detection
}

describe('Detection', () => {
  it('tells a whole story of one actor', () => {
    const detection = run(`${taught}
mallory POST /carts every 10s x 4 -> 201 {"id":1}
mallory GET /orders/{bob|carol|dave}-{1..4} every 5s -> 200 {"id":"{id}","owner":"bob"}`)
    const [incident, ...rest] = detection.incidents()
    expect(rest).toEqual([])
    expect(incident).toMatchObject({
      title: 'user:mallory read 12 orders that belong to user bob (2026-03-02 09:02 to 09:03 UTC)',
      status: 'open',
      principals: ['user:mallory'],
      detectors: ['owner-binding'],
      objectCount: 12,
    })
    expect(incident?.evidence).toHaveLength(12)
    expect(incident?.actions.map(({ kind, target }) => [kind, target])[0]).toEqual([
      'quarantine-principal',
      'user:mallory',
    ])
    expect(incident?.actions[0]?.effect).toEqual({ principals: 1, calls: 16, others: 0 })
    expect(incident?.story.map(({ text }) => text)).toEqual([
      expect.stringContaining('user:mallory was first seen'),
      expect.stringContaining('read 12 orders'),
    ])
  })

  it('leaves nothing out by showing a detector only the calls that concern it', () => {
    let compared = 0
    for (const { concern, ...detector } of detectors) {
      if (concern === undefined) continue
      for (const text of [...detector.examples.fires, ...detector.examples.quiet]) {
        const found = [{ ...detector, concern }, detector].map(one => {
          const detection = run(text, { detectors: [one], graphDetectors: [] })
          return [detection.signals(), detection.stats.state]
        })
        expect(found[0], text).toEqual(found[1])
        compared += 1
      }
    }
    expect(compared).toBeGreaterThan(40)
  })

  it('names the tenants that were reached, and not the one it came from', () => {
    const detection = run(`alice tenant=acme GET /tenants/{acme}/invoices/{1..3} -> 200 {"total":3}
bob tenant=globex GET /tenants/{globex}/invoices/{4..6} -> 200 {"total":3}
bob tenant=globex GET /tenants/{acme}/invoices/{1} -> 200 {"total":3}`)
    const [incident] = detection.incidents()
    expect(incident?.tenants).toEqual(['globex'])
    expect(incident?.blastRadius?.tenants).toEqual(['acme'])
  })

  it('joins signals of one actor and keeps those of others apart', () => {
    const detection = run(`${taught}
mallory GET /orders/{bob}-{1..4} -> 200 {"id":"{id}","owner":"bob"}
mallory GET /products?q=1'%20UNION%20SELECT%20password%20FROM%20users-- -> 200 {"items":[]}
trudy GET /orders/{carol}-{1..4} -> 200 {"id":"{id}","owner":"carol"}`)
    expect(detection.incidents().map(({ principals, signals }) => [principals, signals.length])).toEqual([
      [['user:mallory'], 2],
      [['user:trudy'], 1],
    ])
  })

  it('raises nothing from history, and remembers it', () => {
    const detection = run(`${taught}
learn erin GET /orders/{bob}-{1} -> 200 {"id":"bob-1","owner":"bob"}
erin GET /orders/{bob}-{1} -> 200 {"id":"bob-1","owner":"bob"}`)
    expect(detection.signals()).toEqual([])
  })

  it('raises what came before the owner was learned, once it is', () => {
    const detection = run(`mallory GET /orders/{bob}-{1..3} -> 200 {"id":"{id}","owner":"bob"}
alice,bob,carol,dave GET /orders/{self}-{1..5} -> 200 {"id":"{id}","owner":"{self}"}`)
    expect(detection.signals()).toMatchObject([
      { principal: 'user:mallory', evidence: ['t-00001', 't-00002', 't-00003'] },
    ])
  })

  it('opens no incident for one refused call', () => {
    const detection = run(`${taught}
mallory GET /orders/{bob}-{1} -> 403 {"error":"forbidden"}`)
    expect(detection.signals()).toMatchObject([{ attempt: true }])
    expect(detection.incidents()).toEqual([])
  })

  it('blames nobody by address, and proposes nothing against one', () => {
    const detection = run(
      'anonymous GET /files/{..%2f..%2fetc%2fpasswd} -> 200 {"content":"root:x:0:0:root"}',
    )
    expect(detection.incidents()).toMatchObject([{ severity: 'critical', actions: [] }])
  })

  it('gives the same bytes for the same calls, whatever they are', () => {
    const line = fc.constantFrom(
      'alice GET /orders/{alice}-{1..3} -> 200 {"owner":"alice"}',
      'bob GET /orders/{bob}-{1..3} -> 200 {"owner":"bob"}',
      'carol GET /orders/{carol}-{1..3} -> 200 {"owner":"carol"}',
      'mallory GET /orders/{bob}-{1..9} -> 200 {"owner":"bob"}',
      'anonymous POST /login body={"username":"u{n}","password":"[redacted:password:0000000000{n}]"} x 12 -> 401 {"error":"no"}',
      'mallory POST /logout -> 204',
      'wait 3h',
    )
    fc.assert(
      fc.property(fc.array(line, { maxLength: 25 }), lines => {
        const [a, b] = [run(lines.join('\n')), run(lines.join('\n'))]
        expect(JSON.stringify([a.signals(), a.incidents(), a.stats, a.owners.bindings()])).toBe(
          JSON.stringify([b.signals(), b.incidents(), b.stats, b.owners.bindings()]),
        )
      }),
      { numRuns: 25 },
    )
  })

  it('bounds evidence, keeping the first and the latest; payload signals name every call', () => {
    const many = run(`${taught}
mallory GET /orders/{bob}-{1..450} -> 200 {"owner":"bob"}`)
    const evidence = many.signals().find(({ detector }) => detector === 'owner-binding')?.evidence ?? []
    expect(evidence).toHaveLength(200)
    expect([evidence[0], evidence.at(-1)]).toEqual(['t-00021', 't-00470'])
    const payloads = run(
      'mallory GET /products?q=1\'%20UNION%20SELECT%20password%20FROM%20users--{n} x 450 -> 200 {"items":[]}',
    )
    expect(
      payloads.signals().find(({ detector }) => detector === 'injection-payload')?.evidence,
    ).toHaveLength(450)
  })

  it("folds a scanner's many endpoints into few signals that still name every call", () => {
    const detection = run(
      Array.from(
        { length: 30 },
        (_, index) => `anonymous GET /page${index}?q=1'%20UNION%20SELECT%20password%20FROM%20users-- -> 404`,
      ).join('\n'),
    )
    const payloads = detection.signals().filter(({ detector }) => detector === 'injection-payload')
    expect(payloads).toHaveLength(11)
    expect(new Set(payloads.flatMap(({ evidence }) => evidence)).size).toBe(30)
  })

  it('bounds signals and incidents, and counts what went', () => {
    const detection = run(
      Array.from(
        { length: 30 },
        (_, index) =>
          `m${index} GET /products?q=1'%20UNION%20SELECT%20password%20FROM%20users-- -> 200 {"items":[]}`,
      ).join('\n'),
      { ledger: { signals: 10 }, correlator: { incidents: 5 } },
    )
    expect(detection.signals()).toHaveLength(10)
    expect(detection.incidents().length).toBeLessThanOrEqual(5)
    expect(detection.stats).toMatchObject({
      signalsEvicted: expect.any(Number),
      incidentsEvicted: expect.any(Number),
    })
    expect(detection.stats.signalsEvicted).toBeGreaterThan(0)
    expect(detection.stats.incidentsEvicted).toBeGreaterThan(0)
  })

  it('refuses detectors and options it does not know', () => {
    const rows: ConstructorParameters<typeof Detection>[0][] = [
      { disabled: ['nonsense'] },
      { options: { nonsense: {} } },
      { options: { 'owner-binding': { nonsense: 1 } } },
      { options: { 'owner-binding': { heldTotal: Number.NaN } } },
    ]
    for (const options of rows)
      expect(() => new Detection(options)).toThrow(expect.objectContaining({ code: 'config/invalid' }))
    expect(rows).toHaveLength(4)
    expect(
      run(
        `${taught}
mallory GET /orders/{bob}-{1..4} -> 200 {"owner":"bob"}`,
        { disabled: ['owner-binding'] },
      ).signals(),
    ).toEqual([])
  })

  it('moves state when endpoints are merged', () => {
    const detection = run(taught)
    const from = endpointId('GET', 'api.shop.example', '/orders/{orderId}')
    const to = endpointId('GET', 'api.shop.example', '/orders/{id}')
    detection.merged(from, to)
    expect(detection.owners.of(to)).toHaveLength(1)
    for (const o of observations(traffic('mallory GET /orders/{bob}-{1..2} -> 200 {"owner":"bob"}')))
      detection.observe({ ...o, match: { ...o.match, endpoint: to, template: '/orders/{id}' } })
    expect(detection.signals()).toMatchObject([{ detector: 'owner-binding', endpoint: to }])
    const last = endpointId('GET', 'api.shop.example', '/orders/{number}')
    detection.merged(to, last)
    expect(detection.signals()).toMatchObject([{ endpoint: last }])
    expect(detection.incidents()).toMatchObject([{ endpoints: [last] }])
  })
})

describe('riskOf', () => {
  const record = (family: DetectorDefinition['family'], confidence: number, attempt = false): SignalRecord =>
    ({
      family,
      signal: { severity: 'high', confidence, attempt, attack: [] },
      updated: 0,
      actors: [],
    }) as unknown as SignalRecord

  it('counts the strongest of each family only, and rises with families', () => {
    const one = riskOf([record('token', 0.9)])
    expect(riskOf([record('token', 0.9), record('token', 0.8)])).toBe(one)
    expect(riskOf([record('token', 0.9), record('injection', 0.8)])).toBeGreaterThan(one)
    expect(riskOf([record('token', 0.9, true)])).toBeLessThan(one)
    expect(riskOf([])).toBe(0)
  })

  it('forgets by half a day for a day, weighs what is at risk, and does not count what is held back', () => {
    const day = 86_400_000
    const old = { ...record('token', 0.9), updated: 0 }
    const fresh = { ...record('injection', 0.1), updated: day }
    // 0.72 is 0.36 a day later, beside 0.08.
    expect(riskOf([old, fresh])).toBe(Math.round(100 * (1 - 0.64 * 0.92)))
    expect(riskOf([record('token', 0.5)], 0.5)).toBe(20)
    expect(riskOf([record('token', 0.5)], 2)).toBe(80)
    expect(riskOf([record('token', 0.9)], 2)).toBe(100)
    const held = record('automation', 0.9)
    const back = { ...held, signal: { ...held.signal, held: { score: 1, threshold: 2 } } }
    expect(riskOf([back])).toBe(0)
  })
})
