import type { ExpressionFault } from './expression.ts'

/**
 * Why a pattern of `matches()` is refused. RE2 runs any pattern in linear time, JavaScript does not: traffic would
 * choose the text it is run on. Allowed is at most one unbounded repetition outside character classes, and none inside
 * a repeated group; no look-around, no back-references, no counts above 64.
 */
export function patternFault(pattern: string, offset: number): ExpressionFault | undefined {
  const refuse = (message: string): ExpressionFault => ({
    message,
    offset,
    mend: 'Use startsWith, endsWith, contains, or a pattern with a single unbounded repetition.',
  })
  if (pattern.length > 200) return refuse('The pattern is longer than 200 characters.')
  if (/\(\?(?!:)/.test(pattern)) return refuse('The pattern uses look-around or flags.')
  if (/\\[1-9k]/.test(pattern)) return refuse('The pattern uses back-references.')
  try {
    new RegExp(pattern)
  } catch {
    return refuse('The pattern is not a regular expression.')
  }
  const bare = pattern.replace(/\\./gs, 'x').replace(/\[[^\]]*\]/g, 'x')
  for (const count of bare.matchAll(/\{(\d+)(?:,(\d*))?\}/g))
    if (Number(count[1]) > 64 || Number(count[2] ?? 0) > 64) return refuse('The pattern counts above 64.')
  const unbounded = bare.match(/[*+]|\{\d+,\}/g)?.length ?? 0
  const bounded = bare.match(/\{\d+(?:,\d+)?\}/g)?.length ?? 0
  if (unbounded > 1 || /\)\{\d+,\d*\}/.test(bare))
    return refuse('The pattern repeats in more than one place without a bound.')
  if (/[*+?}][^)]*\)[*+{]/.test(bare)) return refuse('The pattern repeats a group that repeats.')
  if (bounded > 4) return refuse('The pattern has more than four counted repetitions.')
  return undefined
}
