import { percent } from './number.ts'

/** How sure, in a word and the number behind it. */
export function howSure(confidence: number): string {
  const word =
    confidence >= 0.95
      ? 'almost certain'
      : confidence >= 0.8
        ? 'very likely'
        : confidence >= 0.6
          ? 'likely'
          : 'possible'
  return `${word} (${percent(confidence)})`
}
