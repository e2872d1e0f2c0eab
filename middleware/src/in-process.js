import { refuses } from './problem.js'

/** @import { Decider, Decision, Guard, Verdict } from './types.d.ts' */

/**
 * Decisions of an engine in the same process.
 * @implements {Decider}
 */
export class InProcess {
  #guard
  #observed = 0
  #failures = 0

  /** @param {Guard} guard */
  constructor(guard) {
    this.#guard = guard
  }

  /**
   * @param {import('./types.d.ts').GuardedRequest} request
   * @returns {Decision | Promise<Decision>}
   */
  decide(request) {
    const admission = this.#guard.admit(request)
    /** Where it rests on budgets that others draw on too, what counts comes in some milliseconds. @param {Verdict} verdict */
    const settled = verdict => (refuses(verdict) ? undefined : admission.settle?.()) ?? verdict
    /** @param {Verdict} verdict @returns {Decision} */
    const decision = verdict => ({
      id: request.id,
      verdict,
      needs: admission.needs,
      body: body => settled(admission.decideBody(body)),
      response: (response, body) => admission.decideResponse(response, body),
    })
    const verdict = settled(admission.verdict)
    return verdict instanceof Promise ? verdict.then(decision) : decision(verdict)
  }

  /** @param {import('./types.d.ts').Exchange} exchange */
  observe(exchange) {
    try {
      this.#guard.observe(exchange)
      this.#observed += 1
    } catch {
      this.#failures += 1
    }
  }

  counts() {
    return { failures: this.#failures, observed: this.#observed, dropped: 0 }
  }

  async close() {}
}
