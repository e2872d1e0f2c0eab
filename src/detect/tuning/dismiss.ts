import { stableHash } from '../../kit/hash.ts'
import type { Signal } from '../signal.ts'
import type { DismissalReason, DismissalScope, Suppression } from './suppression.ts'

/** Suppressions one dismissal makes at most: an incident has 60 signals at most. */
const mostOfOne = 64

const actorOf = (signal: Pick<Signal, 'actor' | 'principal'>): string => signal.actor ?? signal.principal

/**
 * One suppression for each detector, actor and endpoint of a dismissed incident.
 * @param signals The incident's, as they are told.
 */
export function suppressionsOf(
  signals: readonly Signal[],
  word: {
    readonly incident: string
    readonly reason: DismissalReason
    readonly note?: string
    readonly scope: DismissalScope
    readonly days: number
    readonly at: number
    readonly by: string
  },
): readonly Suppression[] {
  const { days, ...said } = word
  const made = new Map<string, Suppression>()
  for (const signal of signals) {
    const { detector, endpoint, attempt } = signal
    // Where a signal has no endpoint, any actor at none would be everything that the detector says.
    const scope =
      word.scope === 'detector-endpoint' && endpoint === undefined ? 'actor-detector-endpoint' : word.scope
    const actor = scope === 'detector-endpoint' ? undefined : actorOf(signal)
    const place = scope === 'actor-detector' ? undefined : endpoint
    const key = [detector, actor ?? '', place ?? ''].join('\0')
    const known = made.get(key)
    if (known === undefined && made.size >= mostOfOne) continue
    made.set(key, {
      ...said,
      id: `sup-${stableHash([word.incident, key, String(word.at)])}`,
      detector,
      ...(actor === undefined ? {} : { actor }),
      ...(place === undefined ? {} : { endpoint: place }),
      scope,
      attemptsOnly: attempt && (known?.attemptsOnly ?? true),
      expiresAt: word.at + days * 86_400_000,
    })
  }
  return [...made.values()]
}
