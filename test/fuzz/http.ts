import { Llhttp } from '../smuggling/readings.ts'
import type { FuzzTarget } from './fuzz-target.ts'
import { fault, input, Random } from './http-input.ts'

/** Changed requests of the smuggling corpus, read here and with llhttp. */
export const http: FuzzTarget = {
  id: 'http',
  law: 'what is let in llhttp reads alike, and pieces make no difference',
  smoke: 3_000,
  open: () => {
    const llhttp = new Llhttp()
    return {
      once: async seed => {
        const random = new Random(seed)
        const text = input(random)
        const wrong = await fault(text, random, llhttp)
        if (wrong !== undefined) throw new Error(`${wrong}\n${JSON.stringify(text)}`)
      },
      close: () => {},
    }
  },
}
