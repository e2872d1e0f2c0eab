import type { Use } from '../graph/uses/use.ts'
import { compileGlob } from '../kit/glob.ts'
import { dayOf, type LearningOptions, lookBackDays } from './window.ts'

/**
 * What is to become of something that was seen.
 *
 * - `kept`: allowed from now on
 * - `rare`: seen in the window, less than the support asks for
 * - `old`: seen before the window only
 * - `refused`: every attempt was refused
 * - `excluded`: somebody said so
 * - `odd`: its method, host or path is none that a policy can name without meaning more
 */
export type Standing = 'kept' | 'rare' | 'old' | 'refused' | 'excluded' | 'odd'

/** How often something was used within what is learned from, and what follows. */
export interface Seen {
  readonly use: Use
  /** Times in the window, without the refused ones. */
  readonly calls: number
  /** Days of the window with at least one of them. */
  readonly days: number
  readonly refused: number
  /** Times in the last seven days, without the refused ones. */
  readonly lastWeek: number
  /** Day it was seen last, not later than the window; days since the epoch. */
  readonly lastDay: number
  readonly standing: Standing
}

/** @returns undefined where it was seen only after `until`. */
export function seenIn(use: Use, names: readonly string[], options: LearningOptions): Seen | undefined {
  const last = dayOf(options.until)
  const first = last - options.days + 1
  let calls = 0
  let days = 0
  let refused = 0
  let lastWeek = 0
  let earlier = 0
  let lastDay = Number.NEGATIVE_INFINITY
  for (const { day, count, refused: no } of use.days) {
    if (day > last) continue
    lastDay = Math.max(lastDay, day)
    const went = count - no
    if (day > last - lookBackDays) lastWeek += went
    if (day < first) {
      earlier += went
      continue
    }
    calls += went
    refused += no
    if (went > 0) days += 1
  }
  if (lastDay === Number.NEGATIVE_INFINITY) return undefined
  return {
    use,
    calls,
    days,
    refused,
    lastWeek,
    lastDay,
    standing: standingOf(use, { calls, days, earlier }, names, options),
  }
}

function standingOf(
  use: Use,
  { calls, days, earlier }: { calls: number; days: number; earlier: number },
  names: readonly string[],
  { exclude, include, minCalls, minDays }: LearningOptions,
): Standing {
  const named = (patterns: readonly string[]): boolean =>
    patterns.some(pattern => names.some(compileGlob(pattern)))
  if (named(exclude)) return 'excluded'
  if (calls + earlier > 0 && named(include)) return 'kept'
  if (calls === 0) return earlier > 0 ? 'old' : 'refused'
  const once = use.kind === 'runs' || use.kind === 'opens' || use.kind === 'exercises'
  if (once) return 'kept'
  return calls >= minCalls && days >= minDays ? 'kept' : 'rare'
}
