/** What a recorded call is taken for: see `SimulatedCall.kind`. */
export type SimulatedKind = 'attack' | 'suspect' | 'benign' | 'other'

/** A call for people to look at, and what would have become of it. */
export interface SimulatedTouch {
  readonly call: string
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly principal: string
  readonly endpoint: string
  readonly status?: number
  readonly policy?: string
  readonly action?: string
}

export interface TouchedCalls {
  readonly calls: number
  readonly stopped: number
  readonly amended: number
  /** Distinct callers of calls that would have been stopped or amended, bounded. */
  readonly principals: number
  /** The first that would have been stopped, then amended; bounded. */
  readonly examples: readonly SimulatedTouch[]
}

/** Counts the calls of one kind. */
export class CallTally {
  readonly #maxExamples: number
  readonly #maxPrincipals: number
  readonly #principals = new Set<string>()
  readonly #stoppedExamples: SimulatedTouch[] = []
  readonly #amendedExamples: SimulatedTouch[] = []
  calls = 0
  stopped = 0
  amended = 0

  constructor(maxExamples: number, maxPrincipals: number) {
    this.#maxExamples = maxExamples
    this.#maxPrincipals = maxPrincipals
  }

  add(
    principal: string,
    effect: 'stop' | 'amend' | 'note' | undefined,
    touch: SimulatedTouch | undefined,
  ): void {
    this.calls += 1
    if (effect !== 'stop' && effect !== 'amend') return
    if (effect === 'stop') this.stopped += 1
    else this.amended += 1
    if (this.#principals.size < this.#maxPrincipals) this.#principals.add(principal)
    const examples = effect === 'stop' ? this.#stoppedExamples : this.#amendedExamples
    if (touch !== undefined && examples.length < this.#maxExamples) examples.push(touch)
  }

  result(): TouchedCalls {
    return {
      calls: this.calls,
      stopped: this.stopped,
      amended: this.amended,
      principals: this.#principals.size,
      examples: [...this.#stoppedExamples, ...this.#amendedExamples].slice(0, this.#maxExamples),
    }
  }
}
