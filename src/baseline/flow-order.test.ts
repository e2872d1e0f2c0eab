import { describe, expect, it } from 'vitest'
import { observations, traffic } from '../detect/traffic.ts'
import { endpointId } from '../kit/id.ts'
import { freeze, thaw } from '../kit/snapshot.ts'
import { Baseline } from './baseline.ts'
import { FlowOrder, type FlowRule } from './flow-order.ts'

const users = Array.from({ length: 12 }, (_, index) => `u${index + 1}`).join(',')
const sessions = (steps: string, count: number): string =>
  Array.from({ length: count }, () => `${steps}\nwait 2h`).join('\n')

const shopping = `learn ${users} GET /catalog -> 200
learn ${users} POST /payments -> 201
learn ${users} POST /orders -> 201
wait 2h
learn ${users} GET /catalog -> 200`

const rulesOf = (flows: FlowOrder): readonly FlowRule[] =>
  flows.rulesOf(endpointId('POST', 'api.shop.example', '/orders'))

function learned(text: string): { readonly flows: FlowOrder; readonly baseline: Baseline } {
  const baseline = new Baseline()
  const flows = new FlowOrder(baseline)
  play(text, baseline, flows)
  return { flows, baseline }
}

function play(text: string, baseline: Baseline, flows: FlowOrder): readonly string[][] {
  const skipped: string[][] = []
  for (const o of observations(traffic(text))) {
    baseline.enter(o)
    if (!o.learning) skipped.push(flows.skippedBy(o).map(({ requires }) => requires))
    flows.observe(o)
    baseline.observe(o)
  }
  return skipped
}

describe('what comes before what', () => {
  it('is mined as rules with their evidence', () => {
    const { flows } = learned(sessions(shopping, 7))
    const [rule] = rulesOf(flows)
    expect(rule).toMatchObject({
      endpoint: 'POST api.shop.example/orders',
      requires: 'POST api.shop.example/payments',
      share: 1,
      principals: 12,
    })
    expect(rule?.lift).toBeGreaterThan(1.5)
    expect(rule?.sessions).toBeGreaterThanOrEqual(60)
  })

  it('is no rule where it comes before everything', () => {
    const { flows } = learned(sessions(shopping, 7))
    expect(rulesOf(flows).map(({ requires }) => requires)).not.toContain('GET api.shop.example/catalog')
  })

  it('is no rule where some go without, or where few go at all', () => {
    const without = `learn u1,u2 POST /orders -> 201`
    expect(rulesOf(learned(sessions(`${shopping}\nwait 2h\n${without}`, 7)).flows)).toEqual([])
    expect(rulesOf(learned(sessions(shopping, 2)).flows)).toEqual([])
    expect(rulesOf(learned(sessions(shopping.replaceAll(users, 'u1'), 80)).flows)).toEqual([])
  })

  it('is left out by who comes without, in the session at hand', () => {
    const { flows, baseline } = learned(sessions(shopping, 7))
    const text = `${sessions(shopping, 7)}
u3 POST /payments -> 201
wait 2h
u3 POST /orders -> 201
wait 2h
u3 POST /payments -> 201
u3 POST /orders -> 201`
    expect(play(text, baseline, flows).slice(-4)).toEqual([[], ['POST api.shop.example/payments'], [], []])
  })

  it('says the same after it was kept', () => {
    const { flows } = learned(sessions(shopping, 7))
    const again = new FlowOrder(new Baseline())
    again.load(thaw(freeze(flows.save())))
    expect(rulesOf(again)).toEqual(rulesOf(flows))
    expect(again.size).toBe(flows.size)
  })
})
