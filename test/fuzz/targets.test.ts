import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fuzzTargets } from './targets.ts'

describe('fuzzing', () => {
  it('has every target of this folder in its list', () => {
    const files = readdirSync(import.meta.dirname).filter(name =>
      /^export const \w+: FuzzTarget = /m.test(readFileSync(join(import.meta.dirname, name), 'utf8')),
    )
    expect(files).toHaveLength(fuzzTargets.length)
    expect(new Set(fuzzTargets.map(({ id }) => id)).size).toBe(fuzzTargets.length)
  })

  for (const { id, law, smoke, open } of fuzzTargets)
    it(`${id}: ${law}`, async () => {
      const run = await open()
      let inputs = 0
      try {
        for (let seed = 1; seed <= smoke; seed += 1) {
          try {
            await run.once(seed)
          } catch (cause) {
            throw new Error(`It does not hold for seed ${seed}`, { cause })
          }
          inputs += 1
        }
      } finally {
        await run.close()
      }
      expect(inputs).toBe(smoke)
    }, 120_000)
})
