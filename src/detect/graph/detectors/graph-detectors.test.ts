import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { Signal } from '../../signal.ts'
import { play } from '../play.ts'
import { scene } from '../scene.ts'
import { tacticOf } from '../tactics.ts'
import { graphDetectors } from './index.ts'

const folder = fileURLToPath(new URL('.', import.meta.url))
const signalsOf = (text: string): readonly Signal[] => play(scene(text)).detection.signals()

describe('the graph detectors', () => {
  it('are exactly the files of their folder, each named after its id', () => {
    const files = readdirSync(folder).filter(
      name => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'index.ts',
    )
    expect(graphDetectors.map(({ id }) => `${id}.ts`).sort()).toEqual(files.sort())
  })

  it('say what a person needs to judge them', () => {
    let options = 0
    for (const detector of graphDetectors) {
      expect(detector.owasp.length, detector.id).toBeGreaterThan(0)
      for (const id of detector.attack) expect(tacticOf(id), `${detector.id} ${id}`).toBeDefined()
      expect(detector.whenNotAnAttack.length, detector.id).toBeGreaterThan(20)
      for (const [name, option] of Object.entries(detector.options)) {
        options += 1
        expect(Number.isFinite(option.default), `${detector.id}.${name}`).toBe(true)
        expect(option.reason.length, `${detector.id}.${name}`).toBeGreaterThan(10)
      }
    }
    expect(options).toBeGreaterThan(graphDetectors.length)
  })

  const examples = graphDetectors.flatMap(({ id, examples }) => [
    ...examples.fires.map((text, index) => ({ id, index, text, fires: true })),
    ...examples.quiet.map((text, index) => ({ id, index, text, fires: false })),
  ])

  it.each(examples.filter(({ fires }) => fires))('$id fires on its example $index', ({ id, text }) => {
    const raised = signalsOf(text).filter(({ detector }) => detector === id)
    expect(raised.length).toBeGreaterThan(0)
    for (const { message, evidence, attack } of raised) {
      expect(message).not.toMatch(/\{[a-zA-Z]+\}/)
      expect(evidence.length).toBeGreaterThan(0)
      for (const technique of attack) expect(tacticOf(technique), technique).toBeDefined()
    }
  })

  it.each(examples.filter(({ fires }) => !fires))('$id stays quiet on its example $index', ({ id, text }) => {
    expect(signalsOf(text).filter(({ detector }) => detector === id)).toEqual([])
  })

  it('have examples in both directions, and say the same of the same scene', () => {
    for (const { id } of graphDetectors)
      for (const fires of [true, false])
        expect(
          examples.filter(example => example.id === id && example.fires === fires).length,
        ).toBeGreaterThan(0)
    for (const { text } of examples)
      expect(JSON.stringify(signalsOf(text))).toBe(JSON.stringify(signalsOf(text)))
  })
})
