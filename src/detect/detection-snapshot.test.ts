import { describe, expect, it } from 'vitest'
import { freeze, thaw } from '../kit/snapshot.ts'
import { Detection } from './detection.ts'
import { detectors } from './detectors/index.ts'
import { graphDetectors } from './graph/detectors/index.ts'
import { play } from './graph/play.ts'
import { scene } from './graph/scene.ts'
import { observations, traffic } from './traffic.ts'

const told = (detection: Detection): string =>
  JSON.stringify([detection.signals(), detection.incidents(), detection.stats.signals])

function watch(text: string, interruptedAt?: number): string {
  let detection = new Detection()
  let number = 0
  for (const o of observations(traffic(text))) {
    if (number === interruptedAt) {
      const saved = thaw(freeze(detection.save())) as ReturnType<Detection['save']>
      detection = new Detection()
      detection.load(saved)
    }
    detection.observe(o)
    number += 1
  }
  return told(detection)
}

const examplesOf = (
  kinds: readonly {
    readonly id: string
    readonly examples: { readonly fires: readonly string[]; readonly quiet: readonly string[] }
  }[],
) =>
  kinds.flatMap(({ id, examples }) =>
    [...examples.fires, ...examples.quiet].map((text, index) => ({ id, index, text })),
  )

/** Somewhere in the beginning, the middle and before the last. */
const cutsOf = (length: number): readonly number[] => [
  ...new Set([Math.floor(length / 4), Math.floor((length * 2) / 3), length - 1]),
]

describe('detection that is saved and goes on in what was made again', () => {
  const calls = examplesOf(detectors)
  it.each(calls)('says the same of example $index of $id', ({ text }) => {
    const whole = watch(text)
    const { length } = traffic(text)
    for (const cut of cutsOf(length)) expect(watch(text, cut), `cut at ${cut} of ${length}`).toBe(whole)
  })

  const scenes = examplesOf(graphDetectors)
  it.each(scenes)('says the same of scene $index of $id', ({ text }) => {
    const steps = scene(text)
    const whole = told(play(steps).detection)
    for (const interruptedAt of cutsOf(steps.length))
      expect(told(play(steps, { interruptedAt }).detection), `cut at ${interruptedAt}`).toBe(whole)
  })

  it('was tried on every detector, each of which saves what it holds', () => {
    expect(calls.length).toBeGreaterThanOrEqual(2 * detectors.length)
    expect(scenes.length).toBeGreaterThanOrEqual(2 * graphDetectors.length)
  })
})
