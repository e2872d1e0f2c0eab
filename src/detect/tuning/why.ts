/** Why a detector did not raise a call, or that it did. */
export const whyStates = [
  'raised',
  'below',
  'learning',
  'exempt',
  'other-kind',
  'held',
  'suppressed',
  'off',
] as const
/**
 * `raised`: it did. `below`: it looked, and what it saw is under its threshold. `learning`: it does not know yet what is usual.
 * `exempt`: a role, an exception or a budget. `other-kind`: it does not look at such calls. `held`: for the noise budget. `suppressed`:
 * somebody dismissed it. `off`: it does not run.
 */
export type WhyState = (typeof whyStates)[number]

/** What a running detector says of one call. */
export interface Why {
  readonly state: 'below' | 'learning' | 'exempt' | 'other-kind'
  /** One sentence, in plain words, with the numbers. */
  readonly text: string
  /** What it saw, and from what on it raises, in `unit`. */
  readonly value?: number
  readonly threshold?: number
  readonly unit?: string
}

/** The same with the detector's name, and with what only detection knows. */
export interface DetectorWhy extends Omit<Why, 'state'> {
  readonly detector: string
  readonly state: WhyState
}
