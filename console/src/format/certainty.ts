import type { SignalView } from '../../../src/server/api/signal.ts'
import { howSure } from './confidence.ts'
import { listed, plural } from './number.ts'

/** How sure, and on what that rests: the strongest signal's confidence, the detectors that agree, whether it worked. */
export function certaintySentence(signals: readonly SignalView[]): string {
  const strongest = signals.reduce<SignalView | undefined>(
    (best, signal) => (best === undefined || signal.confidence > best.confidence ? signal : best),
    undefined,
  )
  if (strongest === undefined) return 'The signals behind this incident are no longer kept.'
  const titles = [...new Set(signals.map(signal => signal.detectorTitle))]
  const tried = signals.every(signal => signal.attempt)
  const outcome = tried ? ' Every attempt was refused.' : ''
  return `This is ${howSure(strongest.confidence)}, by ${plural(signals.length, 'signal')} of ${listed(titles, 3)}.${outcome}`
}
