/** One incident, as any product tells it: what it names, and when it first named each call. */
export interface Alert {
  readonly incident: string
  /** Call id → when it was first named, ms since the epoch. */
  readonly evidence: ReadonlyMap<string, number>
  readonly principals: readonly string[]
  /** What it is about, where the product says so: OWASP ids. Absent: nothing is known. */
  readonly owasp?: readonly string[]
  /** Call ids that it calls a success or an attempt; a product that does not tell leaves it out. */
  readonly outcomes?: ReadonlyMap<string, 'success' | 'attempt'>
  /** Which part of the product spoke. */
  readonly by: readonly string[]
  /** In a sentence, for people who look at what was wrong. */
  readonly title: string
}

/** What a product said about the two windows of one world. */
export interface Verdicts {
  readonly product: string
  readonly attacked: readonly Alert[]
  /** Absent where it was only run on the attacked window. */
  readonly clean: readonly Alert[] | undefined
}
