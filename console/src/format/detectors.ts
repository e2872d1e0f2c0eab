import type { BacktestView } from '../../../src/server/api/backtest.ts'
import type { DetectorView } from '../../../src/server/api/detector.ts'
import { fullStop } from './names.ts'
import { count, decimal, listed, percent, plural } from './number.ts'

type Judged = Pick<DetectorView, 'precision'>

/** `8 of 10 were attacks (80 %)`, and how far off that may be; nothing is claimed where nobody has spoken. */
export function precisionWords({ precision }: Judged): string {
  const { value, low, high, n } = precision
  if (value === null || n === 0) return 'nobody has said yet'
  return `${count(Math.round(value * n))} of ${count(n)} were attacks: ${percent(value)}, between ${percent(low)} and ${percent(high)}`
}

/** The tuning page's first line. */
export function tuningSentence(detectors: readonly DetectorView[]): string {
  const off = detectors.filter(({ enabled }) => !enabled)
  const noisy = noisyOnes(detectors)
  const run = `${plural(detectors.length - off.length, 'detector')} ${detectors.length - off.length === 1 ? 'runs' : 'run'}${off.length === 0 ? '' : `, ${count(off.length)} ${off.length === 1 ? 'is' : 'are'} off`}`
  if (detectors.length === 0) return 'No detector is known.'
  const judged =
    noisy.length === 0
      ? 'none is known to be noisy'
      : `${listed(
          noisy.map(({ title }) => `“${title}”`),
          3,
        )} ${noisy.length === 1 ? 'is' : 'are'} wrong more often than right`
  return `${run}; ${judged}.`
}

/** Detectors that are surely worse than a coin, with enough said of them to know. */
export const noisyOnes = (detectors: readonly DetectorView[]): readonly DetectorView[] =>
  detectors.filter(({ precision }) => precision.value !== null && precision.n >= 3 && precision.high < 0.5)

/** What makes work first: the likely noisy, then what speaks most. */
export const byNoise = (detectors: readonly DetectorView[]): readonly DetectorView[] =>
  [...detectors].sort(
    (a, b) =>
      b.dismissed - a.dismissed ||
      b.held - a.held ||
      b.signals7d - a.signals7d ||
      a.title.localeCompare(b.title),
  )

/** One detector in a sentence: how much it says and what that was worth. */
export function detectorSentence(detector: DetectorView): string {
  const { title, enabled, signals7d, signals30d, incidents30d } = detector
  if (!enabled) return `“${title}” is off: it finds nothing until somebody turns it on.`
  const said =
    signals30d === 0
      ? 'has found nothing in 30 days'
      : `raised ${plural(signals30d, 'signal')} in 30 days, ${signals7d === 0 ? 'none' : count(signals7d)} of them in the last 7, and took part in ${plural(incidents30d, 'incident')}`
  const judged =
    detector.precision.n === 0
      ? ''
      : ` People spoke of ${count(detector.precision.n)}: ${count(detector.confirmed)} ${detector.confirmed === 1 ? 'was an attack' : 'were attacks'}.`
  return `“${title}” ${said}.${judged}`
}

/** How confidence is corrected by what people said. */
export function calibrationWords({ calibration }: Pick<DetectorView, 'calibration'>): string {
  if (calibration.method === 'none')
    return calibration.n === 0
      ? 'Its confidence is its own: nobody has said of an incident whether it was an attack.'
      : `Its confidence is its own: ${plural(calibration.n, 'word')} of people ${calibration.n === 1 ? 'is' : 'are'} too few to correct it.`
  const how = calibration.method === 'platt' ? 'a curve through' : 'a staircase through'
  return `Its confidence is corrected by ${how} what people said of ${plural(calibration.n, 'incident')}.`
}

export interface ReadOptions {
  /** What differs from how it is set. */
  readonly changed: Readonly<Record<string, number>>
  /** Names of what is no number. */
  readonly wrong: readonly string[]
}

/** Reads what was typed into the fields of the options. */
export function readOptions(
  options: DetectorView['options'],
  typed: Readonly<Record<string, string>>,
): ReadOptions {
  const changed: Record<string, number> = {}
  const wrong: string[] = []
  for (const { name, value } of options) {
    const text = typed[name]?.trim()
    if (text === undefined) continue
    const number = Number(text)
    if (text === '' || !Number.isFinite(number) || number < 0) wrong.push(name)
    else if (number !== value) changed[name] = number
  }
  return { changed, wrong }
}

/** What has to be sent: an option that is again what it would be by default is given back. */
export const optionsToSend = (
  options: DetectorView['options'],
  changed: Readonly<Record<string, number>>,
): Readonly<Record<string, number | null>> =>
  Object.fromEntries(
    Object.entries(changed).map(([name, value]) => [
      name,
      options.find(option => option.name === name)?.default === value ? null : value,
    ]),
  )

/** What a change would have done to the recorded calls. */
export function backtestSentence(test: BacktestView): string {
  const { before, after, appeared, vanished, calls } = test
  if (calls === 0) return 'No calls are recorded in that time: there is nothing to test it on.'
  const over = `Over ${plural(calls, 'recorded call')}`
  if (appeared.length === 0 && vanished.length === 0)
    return `${over} the change makes no difference: ${plural(before.signals, 'signal')} before and after.`
  const parts = [
    appeared.length > 0 ? `${plural(appeared.length, 'signal')} would be new` : '',
    vanished.length > 0 ? `${count(vanished.length)} would be gone` : '',
  ].filter(Boolean)
  return `${over} ${listed(parts)}: ${plural(after.signals, 'signal')} instead of ${count(before.signals)}.`
}

/** What it costs: time for a thousand calls, and by how much that changes. */
export function costWords({ before, after }: Pick<BacktestView, 'before' | 'after'>): string {
  const one = (run: BacktestView['before']): string =>
    `${decimal(run.millisPerThousandCalls)} ms for a thousand calls and ${plural(run.state, 'entry', 'entries')} of state`
  return fullStop(`It takes ${one(after)}; as it is set now ${one(before)}`)
}
