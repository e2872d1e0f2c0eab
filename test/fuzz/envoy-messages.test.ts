import { expect, it } from 'vitest'
import { fuzzOnce } from './envoy-messages.ts'

it('holds the laws of streams of ext_proc for five thousand of them', () => {
  let streams = 0
  for (let seed = 1; seed <= 5_000; seed += 1) {
    try {
      fuzzOnce(seed)
    } catch (cause) {
      throw new Error(`It does not hold for seed ${seed}: node test/fuzz/envoy-messages.ts 0 ${seed}`, {
        cause,
      })
    }
    streams += 1
  }
  expect(streams).toBe(5_000)
})
