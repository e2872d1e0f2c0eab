import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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
const publishedSeeds: readonly number[] = [9_001, 9_002, 9_003]

const { values } = parseArgs({
  options: {
    seed: { type: 'string', multiple: true },
    app: { type: 'string', multiple: true },
    json: { type: 'string' },
    from: { type: 'string', multiple: true },
    keep: { type: 'string' },
    'no-comparators': { type: 'boolean' },
    publish: { type: 'boolean' },
    at: { type: 'string' },
  },
})

/**
 * `npm run score:range -- [--seed N]... [--app A]... [--json FILE] [--from FILE]... [--keep FOLDER] [--no-comparators] [--publish --at COMMIT]`
 *
 * Without `--seed`: the published seeds. `--json` keeps the scores, `--from` sums kept ones up in place of playing. `--publish` writes
 * `docs/benchmark.md`, which only worlds of the published seeds may; `--at` says there what was measured.
 */
async function main(): Promise<void> {
  const scores = values.from === undefined ? await play() : values.from.flatMap(readScores)
  const products = [...new Set(scores.map(({ product }) => product))]
  const summaries = products.map(product =>
    summarise(
      product,
      scores.filter(score => score.product === product),
    ),
  )
  process.stdout.write(`${summaries.map(scoreTable).join('\n')}\n`)
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify({ summaries, scores }, null, 2)}\n`)
  if (values.publish !== true) return
  if (scores.some(({ seed }) => !publishedSeeds.includes(seed)))
    throw new SallyportError('usage/invalid-argument', 'Only worlds of the published seeds are published.', {
      mend: 'Leave out --seed, or --publish.',
    })
  const own = scores.filter(({ product }) => product === products[0])
  const byApp = [...new Set(own.map(({ app }) => app))].map(app =>
    summarise(
      app,
      own.filter(score => score.app === app),
    ),
  )
  writeFileSync('docs/benchmark.md', benchmarkPage(summaries, byApp, values.at))
}

async function play(): Promise<readonly WorldScore[]> {
  const seeds = values.seed?.map(Number) ?? publishedSeeds
  if (seeds.some(seed => !Number.isInteger(seed)))
    throw new SallyportError('usage/invalid-argument', 'A seed is a whole number.', { where: '--seed' })
  const base = values.keep ?? mkdtempSync(join(tmpdir(), 'sallyport-range-'))
  const products = [sallyport, ...(values['no-comparators'] === true ? [] : comparators.map(asProduct))]
  const scores: WorldScore[] = []
  try {
    for (const app of values.app ?? apps.map(({ id }) => id))
      for (const seed of seeds) {
        const folder = join(base, `${app}-${seed}`)
        run({ app, seed, out: folder })
        process.stderr.write(`${app} ${seed}: played\n`)
        const recording = new Recording(folder)
        const told = (await verdictsOf(recording, products)).map(verdicts => measure(recording, verdicts))
        scores.push(...told)
        const attacks = told[0]?.attacks ?? []
        process.stderr.write(
          `${app} ${seed}: ${attacks.filter(({ found }) => found).length} of ${attacks.length} attacks found\n`,
        )
      }
  } finally {
    if (values.keep === undefined) rmSync(base, { recursive: true, force: true })
  }
  return scores
}

function readScores(path: string): readonly WorldScore[] {
  if (!existsSync(path))
    throw new SallyportError('input/unreadable', `There is no file ${path}.`, { where: path })
  const { scores } = JSON.parse(readFileSync(path, 'utf8')) as { readonly scores?: readonly WorldScore[] }
  if (!Array.isArray(scores))
    throw new SallyportError('input/unreadable', 'These are no scores.', {
      where: path,
      mend: 'Write them with --json.',
    })
  return scores as readonly WorldScore[]
}

try {
  await main()
} catch (thrown) {
  const error = SallyportError.from(thrown)
  process.stderr.write(`${error.toDisplayString()}\n`)
  process.exitCode = error.exitCode
}
