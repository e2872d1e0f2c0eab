import type { PolicyOutcome, ThrottleAction } from '../policy/facts.ts'
import type { GcraAnswer } from '../policy/gcra.ts'
import type { RefusalVerdict, Verdict } from '../sensors/guard.ts'
import type { BudgetTake } from '../store/ports/shared-budgets.ts'
import type { DecisionContext } from './enforcement.ts'

/** A throttle that waits for the shared count of its budget. */
export interface PendingThrottle {
  readonly take: BudgetTake
  readonly outcome: PolicyOutcome
  readonly action: ThrottleAction
  readonly context: DecisionContext
  /** What the count of this process alone says: it holds where no other comes in time. */
  readonly local: GcraAnswer
}

/** What is left of the decision, once it is known whether a throttle refuses. */
type Rest = (refusal: RefusalVerdict | undefined) => Verdict

/** What one request asks of budgets that others draw on too, until they are asked: of all of them at once. */
export class PendingTakes {
  #throttles: PendingThrottle[] = []
  #rest: Rest | undefined

  get size(): number {
    return this.#throttles.length
  }

  add(throttle: PendingThrottle): void {
    this.#throttles.push(throttle)
  }

  before(rest: Rest): void {
    this.#rest = rest
  }

  /** All of it, once. */
  drain(): { readonly throttles: readonly PendingThrottle[]; readonly rest: Rest | undefined } {
    const drained = { throttles: this.#throttles, rest: this.#rest }
    this.#throttles = []
    this.#rest = undefined
    return drained
  }
}
