import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { SallyportError } from '../../src/kit/error.ts'
import { apps } from '../apps/index.ts'
import { comparators } from '../comparators/index.ts'
import { run } from '../world/simulation.ts'
import { sallyport } from './analysis-watcher.ts'
import { asProduct } from './comparator-watcher.ts'
import { benchmarkPage } from './markdown.ts'
import { measure, type WorldScore } from './measure.ts'
import { Recording } from './recording.ts'
import { summarise } from './summary.ts'
import { scoreTable } from './table.ts'
import { verdictsOf } from './watcher.ts'

/** Never used for tuning: thresholds are chosen on other seeds and other parameters. */
const publishedSeeds = [9_001, 9_002, 9_003]

const { values } = parseArgs({
  options: {
    seed: { type: 'string', multiple: true },
    app: { type: 'string', multiple: true },
    json: { type: 'string' },
    keep: { type: 'string' },
    'no-comparators': { type: 'boolean' },
    publish: { type: 'boolean' },
  },
})

/**
 * `npm run score:range -- [--seed N]... [--app A]... [--json FILE] [--keep FOLDER] [--no-comparators] [--publish]`
 *
 * Without `--seed`: the published seeds. `--publish` writes `docs/benchmark.md`, which only the published seeds over every application may.
 */
async function main(): Promise<void> {
  const seeds = values.seed?.map(Number) ?? publishedSeeds
  const chosen = values.app ?? apps.map(({ id }) => id)
  if (seeds.some(seed => !Number.isInteger(seed)))
    throw new SallyportError('usage/invalid-argument', 'A seed is a whole number.', { where: '--seed' })
  if (values.publish === true && (values.seed !== undefined || values.app !== undefined))
    throw new SallyportError(
      'usage/invalid-argument',
      'Only the published seeds over every application are published.',
      {
        mend: 'Leave out --seed and --app, or --publish.',
      },
    )
  const base = values.keep ?? mkdtempSync(join(tmpdir(), 'sallyport-range-'))
  const scores = new Map<string, WorldScore[]>()
  const note = (score: WorldScore): void => {
    const own = scores.get(score.product)
    if (own === undefined) scores.set(score.product, [score])
    else own.push(score)
  }
  try {
    for (const app of chosen)
      for (const seed of seeds) {
        const folder = join(base, `${app}-${seed}`)
        run({ app, seed, out: folder })
        process.stderr.write(`${app} ${seed}: played\n`)
        const recording = new Recording(folder)
        const products = [sallyport, ...(values['no-comparators'] === true ? [] : comparators.map(asProduct))]
        const told = (await verdictsOf(recording, products)).map(verdicts => measure(recording, verdicts))
        for (const score of told) note(score)
        const attacks = told[0]?.attacks ?? []
        const found = attacks.filter(attack => attack.found).length
        process.stderr.write(`${app} ${seed}: ${found} of ${attacks.length} attacks found\n`)
      }
  } finally {
    if (values.keep === undefined) rmSync(base, { recursive: true, force: true })
  }
  const summaries = [...scores].map(([product, own]) => summarise(product, own))
  process.stdout.write(`${summaries.map(scoreTable).join('\n')}\n`)
  if (values.json !== undefined)
    writeFileSync(
      values.json,
      `${JSON.stringify({ summaries, scores: Object.fromEntries(scores) }, null, 2)}\n`,
    )
  if (values.publish === true) writeFileSync('docs/benchmark.md', benchmarkPage(summaries, publishedSeeds))
}

try {
  await main()
} catch (thrown) {
  const error = SallyportError.from(thrown)
  process.stderr.write(`${error.toDisplayString()}\n`)
  process.exitCode = error.exitCode
}
