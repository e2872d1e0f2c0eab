import { parseArgs } from 'node:util'
import { Llhttp } from '../smuggling/readings.ts'
import { fault, input, Random } from './http-input.ts'

/**
 * Reads changed requests of the smuggling corpus here and with llhttp until the time is up: `--minutes N` (10) `--seed N`. Ends with 1 at
 * the first that is let in here alone, is read otherwise, or depends on how its bytes were cut.
 */
const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string', default: '1' } },
})
const random = new Random(Number(values.seed))
const llhttp = new Llhttp()
const until = performance.now() + Number(values.minutes) * 60_000
let runs = 0
while (performance.now() < until) {
  const text = input(random)
  const wrong = await fault(text, random, llhttp)
  runs += 1
  if (wrong !== undefined) {
    process.stdout.write(`run ${runs} of seed ${values.seed}: ${wrong}\n${JSON.stringify(text)}\n`)
    process.exit(1)
  }
}
process.stdout.write(`${runs} inputs, seed ${values.seed}: nothing let in alone, nothing read otherwise\n`)
process.exit(0)
