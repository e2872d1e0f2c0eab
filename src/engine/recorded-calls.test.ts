import { describe, expect, it } from 'vitest'
import { start, storedCall } from '../../test/support/sample-server.ts'
import type { CallId } from '../kit/id.ts'
import { MemoryCallStore } from '../store/memory/call-store.ts'
import { type RecordedWindow, recordedCalls } from './recorded-calls.ts'

const minute = 60_000

/** Twelve thousand calls, ten a second: twenty minutes. */
async function storeOf(): Promise<MemoryCallStore> {
  const store = new MemoryCallStore()
  const one = storedCall(0)
  const calls = Array.from({ length: 12_000 }, (_, index) => ({
    ...one,
    call: { ...one.call, id: `c-${index}` as CallId, time: start + index * 100 },
  }))
  await store.append(calls, 'one')
  return store
}

async function idsOf(window: RecordedWindow, limit = 200_000): Promise<readonly number[]> {
  const ids: number[] = []
  for await (const { call } of recordedCalls(await storeOf(), window, limit))
    ids.push(Number(call.id.slice(2)))
  return ids
}

describe('recordedCalls', () => {
  it('gives every call once, oldest first', async () => {
    expect(await idsOf({})).toEqual(Array.from({ length: 12_000 }, (_, index) => index))
  })

  it('keeps to its window, to the millisecond at both ends', async () => {
    const ids = await idsOf({ since: start + 150, until: start + 5 * minute + 150 })
    expect([ids.length, ids[0], ids.at(-1)]).toEqual([3_000, 2, 3_001])
    expect(await idsOf({ since: start + 60 * minute })).toEqual([])
    expect(await idsOf({ until: start })).toEqual([])
  })

  it('gives the newest where there are too many, to the minute', async () => {
    const ids = await idsOf({}, 2_000)
    expect(ids.at(-1)).toBe(11_999)
    expect(ids.length).toBeGreaterThanOrEqual(2_000)
    expect(ids.length).toBeLessThan(2_601)
    expect(ids).toEqual([...ids].sort((a, b) => a - b))
  })
})
