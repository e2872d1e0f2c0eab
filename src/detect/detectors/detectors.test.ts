import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { Detection } from '../detection.ts'
import type { Signal } from '../signal.ts'
import { observations, traffic } from '../traffic.ts'
import { detectors } from './index.ts'

const folder = fileURLToPath(new URL('.', import.meta.url))

function signalsOf(text: string): readonly Signal[] {
  const detection = new Detection()
  for (const o of observations(traffic(text))) detection.observe(o)
  return detection.signals()
}

describe('the detectors', () => {
  it('are exactly the files of their folder, each named after its id', () => {
    const files = readdirSync(folder).filter(
      name => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'index.ts',
    )
    expect(detectors.map(({ id }) => `${id}.ts`).sort()).toEqual(files.sort())
    expect(new Set(detectors.map(({ id }) => id)).size).toBe(detectors.length)
  })

  it('say what a person needs to judge them', () => {
    let options = 0
    for (const detector of detectors) {
      expect(detector.owasp.length, detector.id).toBeGreaterThan(0)
      expect(
        detector.attack.every(id => /^T\d{4}(?:\.\d{3})?$/.test(id)),
        detector.id,
      ).toBe(true)
      expect(detector.whenNotAnAttack.length, detector.id).toBeGreaterThan(20)
      expect(detector.examples.fires.length, detector.id).toBeGreaterThan(0)
      expect(detector.examples.quiet.length, detector.id).toBeGreaterThan(0)
      for (const [name, option] of Object.entries(detector.options)) {
        options += 1
        expect(Number.isFinite(option.default), `${detector.id}.${name}`).toBe(true)
        expect(option.reason.length, `${detector.id}.${name}`).toBeGreaterThan(10)
      }
    }
    expect(options).toBeGreaterThan(detectors.length)
  })

  const fires = detectors.flatMap(({ id, examples }) =>
    examples.fires.map((text, index) => ({ id, index, text })),
  )
  const quiet = detectors.flatMap(({ id, examples }) =>
    examples.quiet.map((text, index) => ({ id, index, text })),
  )

  it.each(fires)('$id fires on its example $index', ({ id, text }) => {
    const raised = signalsOf(text).filter(({ detector }) => detector === id)
    expect(raised.length).toBeGreaterThan(0)
    for (const { message, evidence } of raised) {
      const names = Object.values(detectors.find(detector => detector.id === id)?.messages ?? {}).flatMap(
        text => text.match(/\{[a-zA-Z][a-zA-Z0-9]*\}/g) ?? [],
      )
      for (const name of names) expect(message).not.toContain(name)
      expect(evidence.length).toBeGreaterThan(0)
    }
  })

  it.each(quiet)('$id stays quiet on its example $index', ({ id, text }) => {
    expect(signalsOf(text).filter(({ detector }) => detector === id)).toEqual([])
  })

  it('ran every example, in both directions', () => {
    expect(fires.length).toBeGreaterThanOrEqual(detectors.length)
    expect(quiet.length).toBeGreaterThanOrEqual(detectors.length)
  })

  it.each(fires)('$id says the same of its example $index again, byte for byte', ({ text }) => {
    expect(JSON.stringify(signalsOf(text))).toBe(JSON.stringify(signalsOf(text)))
  })
})
