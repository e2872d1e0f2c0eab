import { expect, it } from 'vitest'
import { fuzzOnce } from './policies.ts'

it('holds the laws of policies and expressions for five hundred of them', () => {
  let ran = 0
  for (let seed = 1; seed <= 500; seed += 1) {
    try {
      fuzzOnce(seed)
    } catch (cause) {
      throw new Error(`It does not hold for seed ${seed}: node test/fuzz/policies.ts 0 ${seed}`, { cause })
    }
    ran += 1
  }
  expect(ran).toBe(500)
}, 60_000)
