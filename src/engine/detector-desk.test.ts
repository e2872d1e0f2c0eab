import { expect, it } from 'vitest'
import { allDetectors } from '../detect/registry.ts'
import { noTuning, type Tuning } from '../detect/tuning/tuning.ts'
import { MemoryCallStore } from '../store/memory/call-store.ts'
import { configSchema } from './config.ts'
import { DetectorDesk } from './detector-desk.ts'

it('tells every detector with its own values, those of the configuration over them, and people over both', () => {
  const facts = allDetectors.find(({ options }) => Object.keys(options).length > 1)!
  const [[first, option], [second]] = Object.entries(facts.options) as [
    [string, { readonly default: number }],
    [string, unknown],
  ]
  let tuning: Tuning = noTuning
  const { analysis } = configSchema.parse({
    analysis: { detectors: { [facts.id]: { [second]: 41 } }, disabled: [facts.id] },
  })
  const calls = new MemoryCallStore({ capacity: 1 })
  const desk = new DetectorDesk({ config: analysis, tuning: () => tuning, calls, backtest: {} })
  const told = () => desk.all().find(one => one.facts.id === facts.id)!
  expect(desk.all().map(one => one.facts.id)).toEqual(allDetectors.map(({ id }) => id))
  expect(told()).toMatchObject({
    enabled: false,
    configured: { [second]: 41 },
    options: { [first]: option.default, [second]: 41 },
  })
  const setting = { detector: facts.id, enabled: true, options: { [first]: 43 }, at: 1, by: 'a' }
  tuning = { ...noTuning, settings: [setting] }
  expect(told()).toMatchObject({
    enabled: true,
    configured: { [second]: 41 },
    options: { [first]: 43, [second]: 41 },
  })
})
