import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Heap } from './heap.ts'

it('gives the least of what is in it, whatever comes and goes in between', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 50 }), { nil: undefined })), steps => {
      const heap = new Heap<number>((a, b) => a - b)
      const model: number[] = []
      for (const step of [...steps, ...steps.map(() => undefined)]) {
        if (step === undefined) {
          model.sort((a, b) => a - b)
          expect(heap.pop()).toBe(model.shift())
        } else {
          heap.push(step)
          model.push(step)
        }
        expect(heap.size).toBe(model.length)
      }
    }),
  )
})
