import type { SignalView } from '../../../src/server/api/signal.ts'
import { percent, plural } from './number.ts'

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

/** The same of a signal, with what it was before people corrected the detector. */
export function sureOf({ confidence, calibrated }: Pick<SignalView, 'confidence' | 'calibrated'>): string {
  if (calibrated === undefined) return howSure(confidence)
  const { raw, n } = calibrated
  return `${howSure(confidence)}, corrected from ${percent(raw)} by what people said of ${plural(n, 'incident')}`
}
