export interface ChangeSpan {
  readonly value: string
  readonly label: string
  /** The end of a sentence: `since yesterday`. */
  readonly words: string
  /** When it begins, ms since the epoch. */
  readonly since: (now: number) => number
}

const dayMs = 86_400_000

const lastDays = (days: number): ChangeSpan => ({
  value: String(days),
  label: days === 1 ? '24 hours' : `${days} days`,
  words: days === 1 ? 'since yesterday' : `in the last ${days} days`,
  since: now => now - days * dayMs,
})

export const daySpan = lastDays(1)

/** How far back one may look. `visit` is the reader's last visit, in ms since the epoch; 0 where there was none. */
export const changeSpans = (visit: number): readonly ChangeSpan[] => [
  ...(visit > 0
    ? [{ value: 'visit', label: 'Your last visit', words: 'since your last visit', since: () => visit }]
    : []),
  daySpan,
  lastDays(7),
  lastDays(30),
]
