/** @import { Decider, Decision, Guard } from './types.d.ts' */

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
   * @returns {Decision}
   */
  decide(request) {
    const admission = this.#guard.admit(request)
    return {
      id: request.id,
      verdict: admission.verdict,
      needs: admission.needs,
      body: body => admission.decideBody(body),
      response: (response, body) => admission.decideResponse(response, body),
    }
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
