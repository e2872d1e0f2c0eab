import { expect, it } from 'vitest'
import { CounterSet } from '../kit/counters.ts'
import { MemoryStateStore } from '../store/memory/state-store.ts'
import { DecisionKeeper } from './decision-keeper.ts'
import { FindingsKeeper } from './findings-keeper.ts'

const entry = {
  id: 'q',
  kind: 'principal',
  target: 'user:a',
  reason: 'reads what is not theirs',
  createdAt: 1,
  createdBy: 'policy:p',
  expiresAt: 100,
} as const

it('stores the quarantines that policies began, each with its audit record, and then has them handed out', async () => {
  const state = await MemoryStateStore.open()
  const counters = new CounterSet()
  let seen: readonly string[] = []
  try {
    const keeper = new DecisionKeeper({
      state,
      counters,
      save: work => new FindingsKeeper(state, counters, () => {}).save(work),
      quarantined: async () => {
        seen = (await state.quarantine(50)).map(({ id }) => id)
      },
    })
    keeper.take({ decisions: [], quarantines: [entry] })
    await keeper.flush()
    expect(seen).toEqual(['q'])
    expect((await state.auditLog({ limit: 5 })).items).toMatchObject([
      {
        actor: 'policy:p',
        action: 'quarantine.add',
        target: 'user:a',
        detail: { id: 'q', reason: 'reads what is not theirs', expiresAt: 100 },
      },
    ])
  } finally {
    await state.close()
  }
})

it('keeps what the store refused until it takes it again', async () => {
  const state = await MemoryStateStore.open()
  const counters = new CounterSet()
  const said: string[] = []
  let full = true
  const stores = new FindingsKeeper(state, counters, line => said.push(line))
  try {
    const keeper = new DecisionKeeper({
      state,
      counters,
      save: work =>
        stores.save(async () => {
          if (full) throw new Error('disk full')
          await work()
        }),
      quarantined: async () => {},
    })
    keeper.take({ decisions: [], quarantines: [entry] })
    await keeper.flush()
    expect(await state.quarantine(50)).toEqual([])
    full = false
    await keeper.flush()
    expect((await state.quarantine(50)).map(({ id }) => id)).toEqual(['q'])
    expect(said).toHaveLength(2)
    expect(counters.get('sallyport_decisions_dropped_total')).toBe(0)
  } finally {
    await state.close()
  }
})
