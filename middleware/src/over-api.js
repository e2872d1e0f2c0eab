import { ApiClient } from './api-client.js'
import { bodyFields, eventLine } from './event-line.js'
import { unavailable } from './problem.js'

/**
 * @import { Decider, Decision, DecisionApiOptions, Exchange, GuardedRequest, Needs, Verdict } from './types.d.ts'
 */

const defaultUrl = 'http://127.0.0.1:4602'
const batchCalls = 100
const batchEveryMs = 250
/** Bytes of bodies in a batch: the API takes 8 MiB of JSON. */
const batchBytes = 2 * 1024 * 1024
const observeTimeoutMs = 5_000

/** @type {Needs} */
const nothing = Object.freeze({ requestBody: false, response: false, responseBody: false })
/** @type {Verdict} */
const pass = Object.freeze({ action: 'pass' })

/**
 * Decisions of a Sallyport in a process of its own. Finished exchanges are handed on in batches, beside the requests.
 * @implements {Decider}
 */
export class OverApi {
  #client
  #onFailure
  #maxWaiting
  #onFault
  /** @type {Exchange[]} */
  #waiting = []
  /** @type {NodeJS.Timeout | undefined} */
  #timer
  /** @type {Promise<void> | undefined} */
  #sending
  #failures = 0
  #observed = 0
  #dropped = 0

  /**
   * @param {DecisionApiOptions} api
   * @param {{ maxWaiting: number, onFault: (message: string) => void }} options
   */
  constructor(api, { maxWaiting, onFault }) {
    const { url = process.env.SALLYPORT_DECISION_URL || defaultUrl, timeoutMs = 250 } = api
    const token = api.token || process.env.SALLYPORT_DECISION_TOKEN
    if (token === undefined || token === '')
      throw new TypeError(
        'Sallyport: set SALLYPORT_DECISION_TOKEN, or give decisionApi.token: it stands in decision-token of the data folder.',
      )
    this.#client = new ApiClient({ url, token, timeoutMs })
    this.#onFailure = api.onFailure ?? 'allow'
    this.#maxWaiting = maxWaiting
    this.#onFault = onFault
  }

  /**
   * @param {GuardedRequest} request
   * @returns {Promise<Decision>}
   */
  async decide(request) {
    const { source, destination, method, target, httpVersion, headers } = request
    try {
      const answer = await this.#client.post('/v1/decide', {
        source,
        destination,
        request: { method, target, httpVersion, headers },
      })
      return this.#decision(answer, request.id)
    } catch (error) {
      return this.#decided(request.id, this.#failed(error))
    }
  }

  /** @param {Exchange} exchange */
  observe(exchange) {
    if (this.#waiting.length >= this.#maxWaiting) {
      this.#dropped += 1
      return
    }
    this.#waiting.push(exchange)
    if (this.#waiting.length >= batchCalls) void this.#send()
    else this.#later()
  }

  counts() {
    return { failures: this.#failures, observed: this.#observed, dropped: this.#dropped }
  }

  async close() {
    clearTimeout(this.#timer)
    await this.#sending
    for (
      let left = Math.ceil(this.#maxWaiting / batchCalls) + 1;
      left > 0 && this.#waiting.length > 0;
      left -= 1
    )
      await this.#send()
    this.#client.close()
  }

  /**
   * @param {Record<string, unknown>} answer
   * @param {string} id
   * @returns {Decision}
   */
  #decision(answer, id) {
    const needs = /** @type {Needs | undefined} */ (answer.needs) ?? nothing
    const named = typeof answer.id === 'string' ? answer.id : id
    let { handle } = answer
    return {
      id: named,
      verdict: verdictOf(answer),
      needs,
      body: async body => {
        try {
          const told = await this.#client.post('/v1/decide/body', { handle, request: bodyFields(body) })
          handle = told.handle ?? handle
          return verdictOf(told)
        } catch (error) {
          return this.#failed(error)
        }
      },
      response: async (response, body) => {
        try {
          const given = { ...response, ...bodyFields(body) }
          return verdictOf(await this.#client.post('/v1/decide/response', { handle, response: given }))
        } catch (error) {
          return this.#failed(error)
        }
      },
    }
  }

  /**
   * @param {string} id
   * @param {Verdict} verdict
   * @returns {Decision}
   */
  #decided(id, verdict) {
    return { id, verdict, needs: nothing, body: () => verdict, response: () => verdict }
  }

  /**
   * @param {unknown} error
   * @returns {Verdict}
   */
  #failed(error) {
    this.#failures += 1
    this.#onFault(`No decision: ${error instanceof Error ? error.message : String(error)}`)
    return this.#onFailure === 'deny' ? unavailable : pass
  }

  #later() {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void this.#send()
    }, batchEveryMs).unref()
  }

  /** One batch at a time. */
  #send() {
    this.#sending ??= this.#sendBatch().finally(() => {
      this.#sending = undefined
      if (this.#waiting.length > 0) this.#later()
    })
    return this.#sending
  }

  async #sendBatch() {
    let bytes = 0
    let count = 0
    while (count < Math.min(batchCalls, this.#waiting.length)) {
      const { request, response } = /** @type {Exchange} */ (this.#waiting[count])
      bytes += (request.body?.bytes.length ?? 0) + (response?.body?.bytes.length ?? 0)
      if (bytes > batchBytes && count > 0) break
      count += 1
    }
    const batch = this.#waiting.splice(0, count)
    if (batch.length === 0) return
    try {
      const { accepted } = await this.#client.post('/v1/observe', batch.map(eventLine), observeTimeoutMs)
      const taken = typeof accepted === 'number' ? accepted : 0
      this.#observed += taken
      this.#dropped += batch.length - taken
    } catch (error) {
      this.#dropped += batch.length
      this.#onFault(`Finished calls were dropped: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}

/**
 * @param {Record<string, unknown>} answer
 * @returns {Verdict}
 */
function verdictOf(answer) {
  if (typeof answer.body !== 'string') return /** @type {Verdict} */ (/** @type {unknown} */ (answer))
  const amended = { ...answer, body: Buffer.from(answer.body, 'base64') }
  return /** @type {Verdict} */ (/** @type {unknown} */ (amended))
}
