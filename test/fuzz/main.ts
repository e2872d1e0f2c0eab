import { parseArgs } from 'node:util'
import { fuzzTargets } from './targets.ts'

/** `node test/fuzz/main.ts TARGET [--minutes 10] [--seed N]`: one input a seed until the time is up. Ends with 1 at the first that breaks a law. */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
  },
})
const target = fuzzTargets.find(({ id }) => id === positionals[0])
if (target === undefined) {
  for (const { id, law } of fuzzTargets) process.stdout.write(`${id.padEnd(16)}${law}\n`)
  process.exit(2)
}
const run = await target.open()
const begun = performance.now()
const until = begun + Number(values.minutes) * 60_000
const first = Number(values.seed)
let seed = first
try {
  while (performance.now() < until) for (let index = 0; index < 100; index += 1) await run.once(seed++)
} catch (thrown) {
  console.error(
    `It does not hold for seed ${seed - 1}: node test/fuzz/main.ts ${target.id} --minutes 0.1 --seed ${seed - 1}`,
  )
  console.error(thrown)
  // What it started must not outlive it; the fault was told already.
  await Promise.resolve(run.close()).catch(() => undefined)
  process.exit(1)
}
await run.close()
const seconds = (performance.now() - begun) / 1_000
process.stdout.write(
  `${target.id}: ${seed - first} inputs in ${Math.round(seconds)} s (${Math.round((seed - first) / seconds)} a second), seeds ${first} to ${seed - 1}: ${target.law}\n`,
)
process.exit(0)
