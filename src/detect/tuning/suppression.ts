import { stableHash } from '../../kit/hash.ts'
import type { Signal } from '../signal.ts'

export const dismissalReasons = [
  'expected-behaviour',
  'test',
  'duplicate',
  'not-an-attack',
  'accepted-risk',
] as const
export type DismissalReason = (typeof dismissalReasons)[number]

/** What a dismissal covers. There is none that covers everything a detector says. */
export const dismissalScopes = ['actor-detector-endpoint', 'actor-detector', 'detector-endpoint'] as const
export type DismissalScope = (typeof dismissalScopes)[number]

/** Days that a dismissal holds where nobody says otherwise, and at most. */
export const dismissalDays = { default: 30, most: 90 } as const

/** What a detector says of this is expected: it is counted, not raised, until `expiresAt`. Times in ms since the epoch. */
export interface Suppression {
  readonly id: string
  readonly detector: string
  /** Absent where any actor is meant. */
  readonly actor?: string
  /** Absent where any endpoint is meant, or what was dismissed has none. */
  readonly endpoint?: string
  readonly scope: DismissalScope
  readonly reason: DismissalReason
  readonly note?: string
  /** The incident that was dismissed. */
  readonly incident: string
  /** Only refused attempts were dismissed: a success is raised all the same. */
  readonly attemptsOnly: boolean
  readonly at: number
  readonly by: string
  readonly expiresAt: number
  /** Set when somebody took it back. */
  readonly removedAt?: number
  readonly removedBy?: string
}

/** Suppressions one dismissal makes at most: an incident has 60 signals at most. */
const mostOfOne = 64

export const actorOf = (signal: Pick<Signal, 'actor' | 'principal'>): string =>
  signal.actor ?? signal.principal

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
