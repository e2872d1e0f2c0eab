import { Option } from 'commander'
import { SallyportError } from '../../kit/error.ts'
import { defineCommand } from '../command.ts'

interface RunOptions {
  readonly app: string
  readonly seed: string
  readonly parameters?: string
  readonly out: string
  readonly days?: string
  readonly history?: string
  readonly kinds?: string
}

interface ScoreOptions {
  readonly results?: string
  readonly cleanResults?: string
  readonly format: 'table' | 'json'
}

export default defineCommand({
  id: 'range',
  summary: 'the proving ground: worlds with known attacks, and the score of what found them',
  examples: [
    'sallyport range run --app shop --seed 7 --out world',
    'sallyport range run --app bank --seed 7 --parameters 3 --kinds bola-read,token-replay-logout --out world',
    'sallyport range score world',
    'sallyport range score world --results incidents.jsonl --format json',
  ],
  define: (command, io) => {
    command
      .command('run')
      .description('play one application and write what was recorded, and the truth about it')
      .requiredOption('--app <app>', 'which application')
      .requiredOption('--seed <number>', 'of everything that happens: the same seed, the same bytes')
      .option(
        '--parameters <number>',
        "of the application's names, forms and weaknesses; the seed unless given",
      )
      .requiredOption('--out <folder>', 'where to write')
      .option('--history <days>', 'days before the window (21)')
      .option('--days <days>', 'days of the window (14)')
      .option('--kinds <kinds>', 'only these kinds of attack, separated by commas')
      .action(async (options: RunOptions) => {
        const { run } = await import('../../../range/world/simulation.ts')
        const { truth } = run({
          app: options.app,
          seed: wholeNumber('--seed', options.seed, 0),
          ...(options.parameters === undefined
            ? {}
            : { parameters: wholeNumber('--parameters', options.parameters, 0) }),
          out: options.out,
          ...(options.history === undefined
            ? {}
            : { historyDays: wholeNumber('--history', options.history, 1) }),
          ...(options.days === undefined ? {} : { windowDays: wholeNumber('--days', options.days, 1) }),
          ...(options.kinds === undefined ? {} : { kinds: options.kinds.split(',') }),
        })
        io.say(
          `${options.out}: ${truth.history.calls} calls of history, ${truth.clean.calls} clean, ${truth.attacked.calls} with ${truth.attacks.length} attacks.`,
        )
      })
    command
      .command('score')
      .description('score incidents against the truth of a world')
      .argument('<folders...>', 'written by `range run`')
      .option(
        '--results <file>',
        'incidents of another product over the attacked window; our own analysis is run without',
      )
      .option('--clean-results <file>', 'the same over the clean window, for its false alarms')
      .addOption(
        new Option('--format <format>', 'how to print it').choices(['table', 'json']).default('table'),
      )
      .action(async (folders: readonly string[], options: ScoreOptions) => {
        const [{ scoreFolder }, { summarise }, { scoreTable }] = await Promise.all([
          import('../../../range/score/score.ts'),
          import('../../../range/score/summary.ts'),
          import('../../../range/score/table.ts'),
        ])
        if (options.results !== undefined && folders.length > 1)
          throw new SallyportError('usage/invalid-argument', 'Results are of one world.', {
            mend: 'Score each folder with its own results.',
          })
        const scores = []
        for (const folder of folders)
          scores.push(
            await scoreFolder(folder, {
              ...(options.results === undefined ? {} : { results: options.results }),
              ...(options.cleanResults === undefined ? {} : { cleanResults: options.cleanResults }),
            }),
          )
        const summary = summarise(scores[0]?.product ?? 'sallyport', scores)
        io.out(
          options.format === 'json'
            ? `${JSON.stringify({ ...summary, scores }, null, 2)}\n`
            : scoreTable(summary),
        )
      })
  },
})

function wholeNumber(option: string, text: string, least: number): number {
  const value = Number(text)
  if (/^\d{1,9}$/.test(text) && value >= least) return value
  throw new SallyportError('usage/invalid-argument', `${text} is no value for ${option}.`, {
    where: option,
    mend: `Give a whole number of at least ${least}.`,
  })
}
