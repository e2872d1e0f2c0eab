const longest = 200

/**
 * Why a pattern is refused that is to be run on text from outside; undefined where it may be. JavaScript's engine
 * backtracks: allowed is at most one unbounded repetition outside character classes and none inside a repeated group, no
 * look-around, no back-references, no counts above 64 and at most four counted repetitions. What is left takes time
 * linear in the text, times a constant that these bounds keep small.
 *
 * @returns A sentence, or undefined.
 */
export function linearPatternFault(pattern: string): string | undefined {
  if (pattern.length > longest) return `The pattern is longer than ${longest} characters.`
  if (/\(\?(?!:)/.test(pattern)) return 'The pattern uses look-around or flags.'
  if (/\\[1-9k]/.test(pattern)) return 'The pattern uses back-references.'
  try {
    new RegExp(pattern)
  } catch {
    return 'The pattern is not a regular expression.'
  }
  const bare = pattern.replace(/\\./gs, 'x').replace(/\[[^\]]*\]/g, 'x')
  for (const count of bare.matchAll(/\{(\d+)(?:,(\d*))?\}/g))
    if (Number(count[1]) > 64 || Number(count[2] ?? 0) > 64) return 'The pattern counts above 64.'
  const unbounded = bare.match(/[*+]|\{\d+,\}/g)?.length ?? 0
  const bounded = bare.match(/\{\d+(?:,\d+)?\}/g)?.length ?? 0
  if (unbounded > 1 || /\)\{\d+,\d*\}/.test(bare))
    return 'The pattern repeats in more than one place without a bound.'
  if (/[*+?}][^)]*\)[*+{]/.test(bare)) return 'The pattern repeats a group that repeats.'
  if (bounded > 4) return 'The pattern has more than four counted repetitions.'
  return undefined
}
