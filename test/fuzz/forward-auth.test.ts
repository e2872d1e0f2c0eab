import { expect, it } from 'vitest'
import { fuzzOnce } from './forward-auth.ts'

it('holds the laws of forward authentication for three thousand inputs of each kind', () => {
  let inputs = 0
  for (let seed = 1; seed <= 3_000; seed += 1) {
    try {
      fuzzOnce(seed)
    } catch (cause) {
      throw new Error(`It does not hold for seed ${seed}: node test/fuzz/forward-auth.ts 0 ${seed}`, {
        cause,
      })
    }
    inputs += 1
  }
  expect(inputs).toBe(3_000)
})
