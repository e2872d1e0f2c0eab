import { expect, test } from 'vitest'
import { aCall, callStoreContract } from '../../../test/contract/call-store.ts'
import { MemoryCallStore } from './call-store.ts'

callStoreContract({ name: 'memory', open: async () => new MemoryCallStore() })

test('beyond its capacity the oldest go, counted', async () => {
  const store = new MemoryCallStore({ capacity: 10 })
  for (let index = 0; index < 35; index += 1) await store.append([aCall(index)], `t${index}`)
  expect(await store.stats()).toMatchObject({ driver: 'memory', calls: 10, oldest: aCall(25).call.time })
  expect(store.counters.get('sallyport_calls_dropped_total')).toBe(25)
  expect(await store.get(aCall(24).call.id)).toBeUndefined()
  expect(() => new MemoryCallStore({ capacity: 0 })).toThrow(
    expect.objectContaining({ code: 'usage/invalid-argument' }),
  )
})
