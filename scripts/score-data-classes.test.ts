import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { scoreFields } from './data-classes/field-score.ts'
import { generateFields, generateProse } from './data-classes/generated-fields.ts'

describe('the generated corpus', () => {
  it('is the same for the same seed, another for another, and large enough', () => {
    const fields = generateFields(3, 2_000)
    expect(fields.length).toBeGreaterThanOrEqual(2_000)
    expect(fields).toEqual(generateFields(3, 2_000))
    expect(fields[0]?.values).not.toEqual(generateFields(4, 2_000)[0]?.values)
    const likeness = fields.filter(({ truth }) => truth === undefined).length / fields.length
    expect(likeness).toBeGreaterThan(0.4)
    expect(new Set(fields.map(({ naming }) => naming)).size).toBe(2)
  })

  it('is told apart as well as promised, on a seed that nothing was chosen on', () => {
    const all = scoreFields(generateFields(424_242, 2_000)).classes.at(-1)!
    expect(all.precision).toBeGreaterThanOrEqual(0.98)
    expect(all.recall).toBeGreaterThanOrEqual(0.95)
    expect(all.truePositives).toBeGreaterThan(800)
    const prose = scoreFields(generateProse(424_242, 100)).classes.at(-1)!
    expect(prose.precision).toBeGreaterThanOrEqual(0.95)
  })
})

describe('the scorer', () => {
  const script = join(import.meta.dirname, 'score-data-classes.ts')
  it.each([
    ['without a folder', []],
    ['where files are missing', [join(tmpdir(), 'no-such-corpora')]],
    ['on the seed the operating points were chosen on', [tmpdir(), '--seed', '1']],
  ])('exits 2 %s', (_, args) => {
    const run = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' })
    expect(run.status).toBe(2)
    expect(run.stderr.length).toBeGreaterThan(10)
  })
})
