import type { SignalView } from '../../../src/server/api/signal.ts'
import { amount } from './amount.ts'
import { capital, principalName, visible } from './names.ts'
import { count, decimal } from './number.ts'

/** A value beside the values it is compared with, as statistical detectors tell it. */
export interface Distribution {
  readonly value: number
  readonly metric: string
  readonly unit: string
  readonly median: number
  readonly p90: number
  readonly p99: number
  /** Values that the quantiles rest on. */
  readonly n: number
  /** Whose they are. */
  readonly peers: string
}

const longestPeers = 120

const measured = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined

/** Undefined where the signal compares with nothing, or with quantiles that contradict each other. */
export function distributionOf(signal: Pick<SignalView, 'observed' | 'expected'>): Distribution | undefined {
  const { observed, expected } = signal
  const [value, median, p90, p99, n] = [
    observed.value,
    expected.median,
    expected.p90,
    expected.p99,
    expected.n,
  ].map(measured)
  if (value === undefined || median === undefined || p90 === undefined || p99 === undefined) return undefined
  if (n === undefined || n < 1 || p99 < p90 || p90 < median || Math.max(value, p99) === 0) return undefined
  const text = (one: unknown): string => (typeof one === 'string' ? visible(one) : '')
  return {
    value,
    metric: text(observed.metric),
    unit: text(observed.unit),
    median,
    p90,
    p99,
    n,
    peers: text(expected.peers).slice(0, longestPeers) || 'others',
  }
}

/** Keys that the picture shows: the rest of the facts goes beside it. */
export const distributionKeys: ReadonlySet<string> = new Set([
  'value',
  'metric',
  'unit',
  'median',
  'p90',
  'p99',
  'n',
  'peers',
])

/** The picture in words: what is usual, of whom, and how far beyond it this lies. */
export function distributionSentence(one: Distribution, who: string): string {
  const { value, median, p99, n, peers, unit } = one
  const metric = one.metric === '' ? '' : `${capital(one.metric)}: `
  const times = p99 > 0 ? value / p99 : 0
  const factor = times >= 1.5 ? `, so this is ${times < 10 ? decimal(times) : count(times)} times that` : ''
  const most = p99 === 0 ? 'none' : `at most ${amount(p99, unit)}`
  const middle =
    median === p99 ? '' : `half have ${median === 0 ? 'none' : `at most ${amount(median, unit)}`}, `
  const of = `${count(n)} ${n === 1 ? 'value' : 'values'} of ${peers}`
  return `${metric}${amount(value, unit)} by ${principalName(who)}. Of ${of}, ${middle}99 in 100 have ${most}${factor}.`
}

export interface Scale {
  readonly logarithmic: boolean
  /** Where a value stands, 0 to 1. */
  readonly at: (value: number) => number
  readonly ticks: readonly number[]
}

/** Beyond this many times the middle, what is usual would be a sliver on an even scale. */
const evenUpTo = 30

/** From nothing to a little beyond the largest. Logarithmic where an even scale would hide what is usual. */
export function scaleOf({ value, median, p90, p99 }: Distribution): Scale {
  const most = Math.max(value * 1.06, p99 * 1.2)
  const least = Math.max([median, p90, p99, value].find(one => one > 0) ?? 1, most * 1e-9)
  if (most / least <= evenUpTo) return { logarithmic: false, at: one => one / most, ticks: evenTicks(most) }
  // Bent at the smallest quantile there is: below it nearly even, so that nothing has its place as well.
  const whole = Math.log1p(most / least)
  const at = (one: number): number => Math.log1p(one / least) / whole
  return { logarithmic: true, at, ticks: apart([0, ...powers(least, most)], at) }
}

function evenTicks(most: number): readonly number[] {
  const rough = most / 5
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5, 10].find(one => one * power >= rough) ?? 10) * power
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, index) =>
    Number((index * step).toPrecision(12)),
  )
}

function powers(least: number, most: number): readonly number[] {
  const from = Math.floor(Math.log10(least))
  return Array.from({ length: Math.floor(Math.log10(most)) - from + 1 }, (_, index) =>
    Number((10 ** (from + index)).toPrecision(12)),
  )
}

/** Leaves out what would stand on its neighbour. */
function apart(ticks: readonly number[], at: (value: number) => number): readonly number[] {
  const kept: number[] = []
  let last = -1
  for (const tick of ticks) {
    if (at(tick) - last < 0.12) continue
    kept.push(tick)
    last = at(tick)
  }
  return kept
}
