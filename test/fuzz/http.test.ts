import { expect, test } from 'vitest'
import { Llhttp } from '../smuggling/readings.ts'
import { fault, input, Random } from './http-input.ts'

test('whatever the bytes: what is let in llhttp reads alike, and pieces make no difference', async () => {
  const llhttp = new Llhttp()
  const random = new Random(20_260)
  let runs = 0
  for (; runs < 3_000; runs += 1) {
    const text = input(random)
    expect(await fault(text, random, llhttp), JSON.stringify(text)).toBeUndefined()
  }
  expect(runs).toBe(3_000)
})
