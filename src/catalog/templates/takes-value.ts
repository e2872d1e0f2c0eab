import { mixedOf } from './mixed-segment.ts'
import { isTyped, kindOf } from './segment-kind.ts'
import { isFixedWord } from './vocabulary.ts'

/** What placeholders take: any word that is not a fixed one where `open`, values of a typed kind otherwise; nothing empty. */
export function takesValue(open: boolean, segment: string): boolean {
  if (segment === '') return false
  return open ? !isFixedWord(segment) : isTyped(kindOf(segment)) && mixedOf(segment)?.certain !== true
}
