import type { BacktestResult } from '../../engine/backtest.ts'
import { SallyportError } from '../../kit/error.ts'
import type { BacktestView } from '../../server/api/backtest.ts'
import type { DetectorView } from '../../server/api/detector.ts'
import { type ApiOptions, apiClient, withApi } from '../api-options.ts'
import { defineCommand } from '../command.ts'
import type { Io } from '../io.ts'
import { type Format, formatData, formatOption, printList, readSince } from '../output.ts'
import { offlineKey } from '../recordings.ts'
import { terminalText } from '../terminal-text.ts'

interface TestOptions extends ApiOptions {
  readonly learn?: readonly string[]
  readonly since?: string
  readonly option?: readonly string[]
  readonly format: Format
}

export default defineCommand({
  id: 'detector',
  summary: 'how detectors are set, what people made of what they said, and what another setting would say',
  examples: [
    'sallyport detector list',
    'sallyport detector show scraping',
    'sallyport detector test scraping traffic.jsonl --option records=1000',
    'sallyport detector test scraping --since 7d --option records=1000',
  ],
  define: (command, io) => {
    withApi(command.command('list').description('every detector of the running server'), io)
      .addOption(formatOption())
      .action(async (options: ApiOptions & { readonly format: Format }) => {
        const { items } = await apiClient(io, options).get<{ readonly items: readonly DetectorView[] }>(
          '/detectors',
        )
        printList(
          io,
          options.format,
          items,
          [
            { title: 'id', value: row => row.id },
            { title: 'kind', value: row => row.kind },
            { title: 'runs', value: row => (row.enabled ? 'yes' : 'no') },
            { title: '7 days', value: row => row.signals7d, align: 'right' },
            { title: '30 days', value: row => row.signals30d, align: 'right' },
            { title: 'held', value: row => row.held, align: 'right' },
            { title: 'precision', value: row => precisionOf(row), align: 'right' },
            { title: 'what', value: row => row.title, grow: true },
          ],
          'No detectors.',
        )
      })
    withApi(command.command('show').description('one detector: options, numbers, threshold'), io)
      .argument('<id>')
      .addOption(formatOption())
      .action(async (id: string, options: ApiOptions & { readonly format: Format }) => {
        const view = await apiClient(io, options).get<DetectorView>(`/detectors/${encodeURIComponent(id)}`)
        io.out(options.format === 'table' ? tell(view) : formatData(options.format, view))
      })
    withApi(
      command
        .command('test')
        .description('one detector over recorded calls, as it is set and as it would be'),
      io,
    )
      .argument('<id>')
      .argument('[files...]', 'as those of analyze; the calls that the server has when absent')
      .option('--learn <files...>', 'history: read first, nothing is raised from it')
      .option('--since <time>', 'only calls since, e.g. 7d')
      .option('--option <name=value...>', 'in place of what is set')
      .addOption(formatOption())
      .action(async (id: string, files: readonly string[], options: TestOptions) => {
        const changed = readOptions(options.option ?? [])
        const since = options.since === undefined ? undefined : readSince(options.since, Date.now())
        const result =
          files.length > 0
            ? await overFiles(id, files, changed, { learn: options.learn ?? [], since }, io)
            : await apiClient(io, options).post<BacktestView>(`/detectors/${encodeURIComponent(id)}/test`, {
                options: changed,
                ...(since === undefined ? {} : { since }),
              })
        io.out(options.format === 'table' ? tellTest(result) : formatData(options.format, result))
      })
  },
})

function readOptions(given: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    given.map(text => {
      const at = text.indexOf('=')
      const value = Number(text.slice(at + 1))
      if (at < 1 || text.slice(at + 1).trim() === '' || !Number.isFinite(value))
        throw new SallyportError('usage/invalid-argument', 'An option is given as name=value.', {
          where: `--option ${text}`,
          mend: 'The value is a number, e.g. --option failures=20.',
        })
      return [text.slice(0, at), value]
    }),
  )
}

async function overFiles(
  id: string,
  files: readonly string[],
  changed: Readonly<Record<string, number>>,
  { learn, since }: { readonly learn: readonly string[]; readonly since: number | undefined },
  io: Io,
): Promise<BacktestResult> {
  const [{ Redactor }, { Backtest }, { readEvents }] = await Promise.all([
    import('../../call/redactor.ts'),
    import('../../engine/backtest.ts'),
    import('../../sensors/files/index.ts'),
  ])
  const backtest = new Backtest(id, {}, changed)
  const redactor = new Redactor({ key: offlineKey })
  let rejected = 0
  const onRejection = (): void => {
    rejected += 1
  }
  const read = async (from: readonly string[], learning: boolean): Promise<void> => {
    for await (const event of readEvents(from, { redactor, onRejection })) {
      // What was before is history.
      backtest.observe(event, learning || (since !== undefined && event.time < since))
      if (io.stopped.aborted)
        throw new SallyportError('usage/invalid-argument', 'Stopped before the end of the files.')
    }
  }
  if (learn.length > 0) await read(learn, true)
  await read(files, false)
  if (rejected > 0) io.say(`${rejected} lines could not be read.`)
  return backtest.result()
}

const precisionOf = ({ precision: { value, low, high, n } }: DetectorView): string =>
  value === null ? '–' : `${percent(value)} (${percent(low)}–${percent(high)}, ${n})`

const percent = (share: number): string => `${Math.round(100 * share)} %`

function tell(view: DetectorView): string {
  const { threshold, calibration } = view
  const lines = [
    `${view.title} (${view.id}, ${view.kind}, ${view.enabled ? 'runs' : 'does not run'})`,
    view.summary,
    '',
    ...view.options.map(
      ({ name, value, default: own, reason }) =>
        `  ${name} = ${value}${value === own ? '' : ` (default ${own})`}  ${reason}`,
    ),
    '',
    `Signals: ${view.signals7d} in 7 days, ${view.signals30d} in 30; in ${view.incidents30d} incidents.`,
    `People said: ${view.confirmed} attacks, ${view.dismissed} not; precision ${precisionOf(view)}.`,
    `Confidence: ${calibration.method === 'none' ? 'as the detector says' : `corrected (${calibration.method})`}, ${calibration.n} verdicts.`,
    `Dismissals: ${view.suppressions} hold, ${view.suppressed} findings kept from being raised.`,
    `Threshold ${threshold.value}, ${view.held} held back in 7 days. ${threshold.why}`,
    `When it is not an attack: ${view.whenNotAnAttack}`,
  ]
  return `${lines.map(terminalText).join('\n')}\n`
}

type Told = BacktestView | BacktestResult

function tellTest(result: Told): string {
  const { before, after, appeared, vanished } = result
  const runOf = (run: Told['before']): string =>
    `${run.signals} signals of ${run.principals} principals; ${run.millisPerThousandCalls} ms per 1,000 calls, ${run.state} entries of state`
  const signalOf = ({ principal, message }: Told['appeared'][number]): string => `  ${principal}: ${message}`
  const lines = [
    `${result.detector} over ${result.calls} calls${result.truncated ? ' (the newest; there are more)' : ''}`,
    `  as it is set:  ${runOf(before)}`,
    `  as asked for:  ${runOf(after)}`,
    ...(appeared.length === 0 ? [] : ['New:', ...appeared.map(signalOf)]),
    ...(vanished.length === 0 ? [] : ['Gone:', ...vanished.map(signalOf)]),
  ]
  return `${lines.map(terminalText).join('\n')}\n`
}
