import { linearPatternFault } from '../kit/linear-pattern.ts'
import type { ExpressionFault } from './expression.ts'

/**
 * Why a pattern of `matches()` is refused. RE2 runs any pattern in linear time, JavaScript does not: traffic would
 * choose the text it is run on.
 */
export function patternFault(pattern: string, offset: number): ExpressionFault | undefined {
  const message = linearPatternFault(pattern)
  return message === undefined
    ? undefined
    : {
        message,
        offset,
        mend: 'Use startsWith, endsWith, contains, or a pattern with a single unbounded repetition.',
      }
}
