import { BodyWindow, bytesOfParsed } from './body-window.js'
import { hostOf, sourceOf } from './node-exchange.js'
import { problemOf, refuses } from './problem.js'
import { isStream } from './response-head.js'

/** @import { Protection } from './protection.js' */
/** @import { Body, Decision, Exchange, GuardedRequest, HeaderPair, Refusal, Verdict } from './types.d.ts' */
/** @import { ReadableStreamReadResult } from 'node:stream/web' */

/** @type {Body} */
const unseen = Object.freeze({ bytes: new Uint8Array(0), size: 0, truncated: true })
const unvouched = 'x-forwarded-client-cert'
const bodyHeaders = [
  'content-encoding',
  'transfer-encoding',
  'etag',
  'content-md5',
  'content-digest',
  'repr-digest',
  'accept-ranges',
]

/** One exchange of the Fetch standard: a `Request` that becomes a `Response`. */
export class WebExchange {
  guarded
  #protection
  /** @type {Body | undefined} */
  #body
  /** @type {Exclude<Verdict, { action: 'pass' }> | undefined} */
  #verdict
  #observed = false

  /**
   * @param {Protection} protection
   * @param {Request} request
   * @param {string | undefined} address Of the client.
   */
  constructor(protection, request, address) {
    this.#protection = protection
    this.guarded = guardedRequest(protection.nextId(), request, address)
  }

  /**
   * @param {Decision} decision
   * @param {Verdict} verdict
   * @returns {Response | undefined} The answer where it does not pass.
   */
  take(decision, verdict) {
    if (verdict.action === 'pass') return undefined
    this.#verdict = verdict
    this.#protection.count(verdict)
    if (!refuses(verdict)) return undefined
    const { status, headers, body } = problemOf(verdict)
    const answer = responseOf(verdict)
    this.observe(decision, { status, headers, body: { bytes: body, size: body.length, truncated: false } })
    return answer
  }

  /** @param {Body | undefined} body */
  keepBody(body) {
    this.#body ??= body
  }

  /**
   * The answer as it goes on, decided on where that is needed, and seen as it goes by.
   * @param {Decision} decision
   * @param {Response} response
   * @returns {Promise<Response>}
   */
  async answered(decision, response) {
    const { needs } = decision
    const headers = pairsOf(response.headers)
    const head = { status: response.status, headers }
    const window = new BodyWindow(this.#protection.bodyBytes)
    const reader = response.body?.getReader()
    /** @type {Uint8Array[]} */
    const held = []
    let ended = reader === undefined
    /** @type {Promise<ReadableStreamReadResult<Uint8Array>> | undefined} */
    let pending
    if (needs.responseBody && reader !== undefined && !isStream(headers)) {
      const late = Date.now() + this.#protection.holdMs
      while (!ended && !window.full) {
        pending ??= reader.read()
        const piece = await within(pending, late - Date.now())
        if (piece === undefined) break
        pending = undefined
        if (piece.done) ended = true
        else {
          window.add(piece.value)
          held.push(piece.value)
        }
      }
    }
    if (needs.response || needs.responseBody) {
      const body = needs.responseBody
        ? held.length === 0 && !ended
          ? unseen
          : window.take(ended)
        : undefined
      const verdict = await decision.response(head, body)
      if (verdict.action !== 'pass') {
        this.#verdict = verdict
        this.#protection.count(verdict)
        if (refuses(verdict)) {
          void reader?.cancel().catch(() => {})
          this.observe(decision, seen(head, window, ended))
          return responseOf(verdict)
        }
        response = amended(response, verdict.headers)
        if (verdict.body !== undefined && body?.truncated === false) {
          this.observe(decision, seen(head, window, true))
          return withBody(response, verdict.body)
        }
        if (verdict.body !== undefined) this.#protection.undone()
      }
    }
    // The body of an answer to HEAD goes nowhere: nobody would read it to its end.
    const bodiless = this.guarded.method === 'HEAD'
    if (bodiless) void reader?.cancel().catch(() => {})
    if (reader === undefined || bodiless || (ended && held.length === 0)) {
      this.observe(decision, seen(head, window, true))
      return response.body === null ? response : new Response(null, response)
    }
    const over = (/** @type {boolean} */ whole) => this.observe(decision, seen(head, window, whole))
    return new Response(rest(reader, held, pending, ended, window, over), response)
  }

  /**
   * @param {Decision} decision
   * @param {Exchange['response']} response
   */
  observe(decision, response) {
    if (this.#observed) return
    this.#observed = true
    const { time, source, destination, method, target, httpVersion, headers } = this.guarded
    const verdict = this.#verdict
    this.#protection.observe({
      id: decision.id,
      time,
      durationMs: Math.max(0, Date.now() - time),
      source,
      destination,
      request: {
        method,
        target,
        httpVersion,
        headers,
        ...(this.#body === undefined ? {} : { body: this.#body }),
      },
      ...(response === undefined ? {} : { response }),
      ...(verdict === undefined || verdict.decisionId === ''
        ? {}
        : { verdict: { decisionId: verdict.decisionId, action: verdict.action, policy: verdict.policy } }),
    })
  }
}

/**
 * The first bytes of a body that stays readable.
 * @param {Request} request
 * @param {number} limit
 * @returns {Promise<Body>}
 */
export async function aheadOf(request, limit) {
  const window = new BodyWindow(limit)
  const reader = /** @type {ReadableStream<Uint8Array> | null} */ (request.clone().body)?.getReader()
  let whole = reader === undefined
  while (reader !== undefined && !whole && window.size <= limit) {
    const { done, value } = await reader.read()
    if (done) whole = true
    else window.add(value)
  }
  // The other half of the stream keeps what nobody has read yet.
  if (!whole) void reader?.cancel().catch(() => {})
  const body = window.take(whole)
  return { ...body, size: Math.max(body.size, Number(request.headers.get('content-length') ?? 0)) }
}

/**
 * A body that the framework read and kept.
 * @param {unknown} parsed
 * @param {string} contentType
 * @param {number} limit
 * @returns {Body | undefined}
 */
export function parsedBody(parsed, contentType, limit) {
  const all = bytesOfParsed(parsed, contentType)
  if (all.length === 0) return undefined
  return { bytes: all.subarray(0, limit), size: all.length, truncated: all.length > limit }
}

/**
 * @param {string} id
 * @param {Request} request
 * @param {string | undefined} address
 * @returns {GuardedRequest}
 */
function guardedRequest(id, request, address) {
  const url = new URL(request.url)
  const headers = pairsOf(request.headers).filter(([name]) => name.replaceAll('_', '-') !== unvouched)
  return {
    id,
    time: Date.now(),
    source: sourceOf(address),
    destination: { host: hostOf(request.headers.get('host') ?? url.host) },
    method: request.method,
    target: request.url.slice(request.url.indexOf('/', url.protocol.length + 2)).split('#', 1)[0] || '/',
    httpVersion: '1.1',
    headers,
  }
}

/**
 * @param {Headers} headers
 * @returns {HeaderPair[]}
 */
const pairsOf = headers => [...headers].map(([name, value]) => /** @type {HeaderPair} */ ([name, value]))

/**
 * @param {{ status: number, headers: HeaderPair[] }} head
 * @param {BodyWindow} window
 * @param {boolean} whole
 */
function seen(head, window, whole) {
  const body = window.take(whole)
  return { ...head, ...(body.size === 0 && whole ? {} : { body }) }
}

/** @param {Refusal} refusal */
function responseOf(refusal) {
  const { status, headers, body } = problemOf(refusal)
  return new Response(body, { status, headers: headers.map(([name, value]) => [name, value]) })
}

/**
 * @param {Response} response
 * @param {readonly HeaderPair[] | undefined} headers
 */
function amended(response, headers = []) {
  const set = new Headers(response.headers)
  for (const [name, value] of headers) set.set(name, value)
  return new Response(null, { status: response.status, statusText: response.statusText, headers: set })
}

/**
 * @param {Response} response
 * @param {Uint8Array} body
 */
function withBody(response, body) {
  const headers = new Headers(response.headers)
  for (const name of bodyHeaders) headers.delete(name)
  headers.set('content-length', String(body.length))
  return new Response(Buffer.from(body), {
    status: response.status,
    statusText: response.statusText,
    headers,
  })
}

/**
 * What was held, then what is still to come.
 * @param {ReadableStreamDefaultReader<Uint8Array>} reader
 * @param {Uint8Array[]} held
 * @param {Promise<ReadableStreamReadResult<Uint8Array>> | undefined} pending
 * @param {boolean} ended
 * @param {BodyWindow} window
 * @param {(whole: boolean) => void} over
 * @returns {ReadableStream<Uint8Array>}
 */
function rest(reader, held, pending, ended, window, over) {
  return new ReadableStream({
    async pull(controller) {
      const piece = held.shift()
      if (piece !== undefined) {
        controller.enqueue(piece)
        return
      }
      if (ended) {
        over(true)
        controller.close()
        return
      }
      try {
        const { done, value } = await (pending ?? reader.read())
        pending = undefined
        if (done) {
          over(true)
          controller.close()
          return
        }
        window.add(value)
        controller.enqueue(value)
      } catch (error) {
        over(false)
        controller.error(error)
      }
    },
    cancel(reason) {
      over(false)
      return reader.cancel(reason)
    },
  })
}

/**
 * @template Value
 * @param {Promise<Value>} promise
 * @param {number} ms
 * @returns {Promise<Value | undefined>} Undefined where it takes longer.
 */
function within(promise, ms) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => resolve(undefined), Math.max(0, ms))
    promise.then(
      value => {
        clearTimeout(late)
        resolve(value)
      },
      error => {
        clearTimeout(late)
        reject(error)
      },
    )
  })
}
