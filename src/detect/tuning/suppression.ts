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
