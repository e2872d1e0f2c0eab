import { randomBytes } from 'node:crypto'
import { InProcess } from './in-process.js'
import { OverApi } from './over-api.js'
import { refuses, unavailable } from './problem.js'

/** @import { Counts, Decider, Decision, Exchange, GuardedRequest, Options, Verdict } from './types.d.ts' */

const faultEveryMs = 1_000

/** What every integration shares: who decides, how much is held, and the counts. */
export class Protection {
  bodyBytes
  holdMs
  /** @type {Decider} */
  #decider
  #onFault
  #faultAt = 0
  #requests = 0
  #refused = 0
  #amended = 0
  #undone = 0
  #faults = 0
  #prefix = randomBytes(6).toString('hex')

  /** @param {Options} [options] */
  constructor(options = {}) {
    const { decisionApi, guard, bodyBytes = 65_536, holdMs = 2_000, maxWaiting = 1_000, onFault } = options
    if (decisionApi !== undefined && guard !== undefined)
      throw new TypeError('Sallyport: give either decisionApi or guard.')
    this.bodyBytes = bodyBytes
    this.holdMs = holdMs
    this.#onFault = onFault
    this.#decider =
      guard === undefined
        ? new OverApi(decisionApi ?? {}, {
            maxWaiting,
            onFault: message => this.#fault(message),
          })
        : new InProcess(guard)
  }

  /** An id of its own for each request: the decision's takes its place. */
  nextId() {
    this.#requests += 1
    return `${this.#prefix}${this.#requests.toString(36)}`
  }

  /**
   * A fault of the engine lets the request pass, as the engine's own does.
   * @param {GuardedRequest} request
   * @returns {Decision | Promise<Decision>}
   */
  decide(request) {
    try {
      return this.#decider.decide(request)
    } catch (error) {
      this.#faults += 1
      this.#fault(`The guard failed: ${error instanceof Error ? error.message : String(error)}`)
      /** @type {Verdict} */
      const pass = { action: 'pass' }
      const needs = { requestBody: false, response: false, responseBody: false }
      return { id: request.id, verdict: pass, needs, body: () => pass, response: () => pass }
    }
  }

  /** @param {Exchange} exchange */
  observe(exchange) {
    this.#decider.observe(exchange)
  }

  /** @param {Verdict} verdict */
  count(verdict) {
    if (verdict.action === 'amend') this.#amended += 1
    else if (refuses(verdict) && verdict !== unavailable) this.#refused += 1
  }

  /** An amendment came too late for the body it was for. */
  undone() {
    this.#undone += 1
  }

  /** @returns {Counts} */
  counts() {
    const { failures, observed, dropped } = this.#decider.counts()
    return {
      requests: this.#requests,
      refused: this.#refused,
      amended: this.#amended,
      failures: failures + this.#faults,
      observed,
      dropped,
      undone: this.#undone,
    }
  }

  close() {
    return this.#decider.close()
  }

  /** @param {string} message */
  #fault(message) {
    const now = Date.now()
    if (now - this.#faultAt < faultEveryMs) return
    this.#faultAt = now
    this.#onFault?.(`Sallyport: ${message}`)
  }
}
