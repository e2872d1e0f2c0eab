import { BodyWindow, bytesOfParsed } from './body-window.js'
import { problemOf, refuses } from './problem.js'
import { bringsBody, isRead, readAhead } from './read-ahead.js'
import { WatchedResponse } from './watched-response.js'

/** @import { IncomingMessage, ServerResponse } from 'node:http' */
/** @import { Amendment, Body, Decision, Exchange, GuardedRequest, HeaderPair, View } from './types.d.ts' */
/** @import { Protection } from './protection.js' */

/** Only a proxy can say it, and whether there is one is not known here. */
const unvouched = /^x[-_]forwarded[-_]client[-_]cert$/

/**
 * Protects one exchange of `node:http`, whatever framework carries it.
 * @param {Protection} protection
 * @param {IncomingMessage} request
 * @param {ServerResponse} response
 * @param {View} view
 * @returns {boolean | Promise<boolean>} Whether the application may go on; where not, it was answered.
 */
export function protectExchange(protection, request, response, view) {
  const exchange = new NodeExchange(protection, request, response, view)
  const decision = protection.decide(exchange.guarded)
  return decision instanceof Promise
    ? decision.then(made => exchange.follow(made))
    : exchange.follow(decision)
}

class NodeExchange {
  guarded
  #protection
  #request
  #response
  #view
  /** @type {BodyWindow | undefined} */
  #passing
  /** @type {Body | undefined} */
  #body
  /** @type {Exclude<import('./types.d.ts').Verdict, { action: 'pass' }> | undefined} */
  #verdict

  /**
   * @param {Protection} protection
   * @param {IncomingMessage} request
   * @param {ServerResponse} response
   * @param {View} view
   */
  constructor(protection, request, response, view) {
    this.#protection = protection
    this.#request = request
    this.#response = response
    this.#view = view
    this.guarded = guardedRequest(protection.nextId(), request, view)
    if (bringsBody(request) && !isRead(request)) this.#tap()
  }

  /**
   * @param {Decision} decision
   * @returns {boolean | Promise<boolean>}
   */
  follow(decision) {
    if (!this.#take(decision.verdict)) return this.#refuse(decision)
    if (decision.needs.requestBody && bringsBody(this.#request)) return this.#decideBody(decision)
    return this.#goOn(decision)
  }

  /** @param {Decision} decision */
  async #decideBody(decision) {
    const request = this.#request
    if (isRead(request)) this.#body = this.#parsedBody()
    else {
      const { bodyBytes } = this.#protection
      const ahead = await readAhead(request, bodyBytes)
      if (ahead === undefined) return false
      const bytes = ahead.bytes.subarray(0, bodyBytes)
      const declared = Number(request.headers['content-length'] ?? 0)
      const size = Math.max(ahead.bytes.length, declared)
      this.#body = { bytes, size, truncated: !ahead.whole || size > bytes.length }
    }
    if (!this.#take(await decision.body(this.#body))) return this.#refuse(decision)
    return this.#goOn(decision)
  }

  /**
   * Keeps a verdict and carries out what it changes.
   * @param {import('./types.d.ts').Verdict} verdict
   */
  #take(verdict) {
    if (verdict.action === 'pass') return true
    this.#verdict = verdict
    this.#protection.count(verdict)
    if (refuses(verdict)) return false
    this.#amend(verdict)
    return true
  }

  /** @param {Amendment} amendment */
  #amend({ headers = [], body }) {
    const request = this.#request
    for (const [name, value] of headers) setHeader(request, name, value)
    if (body === undefined) return
    // It was made of what was seen: of a part of a body it would lose the rest.
    if (this.#body?.truncated !== false) {
      this.#protection.undone()
      return
    }
    if (request.readableLength > 0) {
      // The whole body stands in the stream, put back: it is taken out and the new one put in.
      request.read()
      request.unshift(Buffer.from(body))
    } else if (this.#view.replace !== undefined) this.#view.replace(body)
    else {
      this.#protection.undone()
      return
    }
    for (const name of ['transfer-encoding', 'content-encoding']) dropHeader(request, name)
    setHeader(request, 'content-length', String(body.length))
  }

  /** @param {Decision} decision */
  #goOn(decision) {
    const { bodyBytes, holdMs } = this.#protection
    const watched = new WatchedResponse(
      this.#response,
      decision.needs,
      (head, body) => {
        const verdict = decision.response(head, body)
        return verdict instanceof Promise
          ? verdict.then(told => this.#answered(told))
          : this.#answered(verdict)
      },
      { bodyBytes, holdMs, undone: () => this.#protection.undone() },
    )
    this.#response.once('close', () => this.#observe(decision, watched.seen))
    return true
  }

  /** @param {import('./types.d.ts').Verdict} verdict */
  #answered(verdict) {
    if (verdict.action !== 'pass') {
      this.#verdict = verdict
      this.#protection.count(verdict)
    }
    return verdict
  }

  /** @param {Decision} decision */
  #refuse(decision) {
    const verdict = /** @type {import('./types.d.ts').Refusal} */ (this.#verdict)
    const { status, headers, body } = problemOf(verdict)
    const response = this.#response
    const request = this.#request
    // A body that nobody reads would keep the connection from its next request.
    if (bringsBody(request) && !request.complete) response.setHeader('connection', 'close')
    for (const [name, value] of headers) response.setHeader(name, value)
    response.writeHead(status)
    response.end(body)
    request.resume()
    this.#observe(decision, {
      status,
      headers,
      body: { bytes: body, size: body.length, truncated: false },
    })
    return false
  }

  /** Sees the body as it arrives, without asking for it. */
  #tap() {
    const window = new BodyWindow(this.#protection.bodyBytes)
    this.#passing = window
    const request = this.#request
    const { push } = request
    request.push = (chunk, encoding) => {
      if (chunk instanceof Uint8Array) window.add(chunk)
      return push.call(request, chunk, encoding)
    }
  }

  #parsedBody() {
    const { headers } = this.#request
    const all = bytesOfParsed(this.#view.parsed(), headers['content-type'] ?? '')
    const bytes = all.subarray(0, this.#protection.bodyBytes)
    const size = Math.max(all.length, Number(headers['content-length'] ?? 0))
    return { bytes, size, truncated: all.length > bytes.length }
  }

  /** @returns {Body | undefined} */
  #seenBody() {
    if (this.#body !== undefined) return this.#body
    if (!bringsBody(this.#request)) return undefined
    const passing = this.#passing?.take(this.#request.complete)
    if (passing !== undefined && passing.size > 0) return passing
    const parsed = this.#parsedBody()
    return parsed.size === 0 ? undefined : parsed
  }

  /**
   * @param {Decision} decision
   * @param {Exchange['response']} response
   */
  #observe(decision, response) {
    const { time, source, destination, method, target, httpVersion, headers } = this.guarded
    const body = this.#seenBody()
    const verdict = this.#verdict
    this.#protection.observe({
      id: decision.id,
      time,
      durationMs: Math.max(0, Date.now() - time),
      source,
      destination,
      request: { method, target, httpVersion, headers, ...(body === undefined ? {} : { body }) },
      ...(response === undefined ? {} : { response }),
      ...(verdict === undefined || verdict.decisionId === ''
        ? {}
        : { verdict: { decisionId: verdict.decisionId, action: verdict.action, policy: verdict.policy } }),
    })
  }
}

/**
 * @param {string} id
 * @param {IncomingMessage} request
 * @param {View} view
 * @returns {GuardedRequest}
 */
function guardedRequest(id, request, view) {
  const { rawHeaders } = request
  /** @type {HeaderPair[]} */
  const headers = []
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = /** @type {string} */ (rawHeaders[index]).toLowerCase()
    if (!unvouched.test(name)) headers.push([name, /** @type {string} */ (rawHeaders[index + 1])])
  }
  return {
    id,
    time: Date.now(),
    source: sourceOf(view.address),
    destination: { host: hostOf(request.headers.host ?? request.headers[':authority']) },
    method: request.method ?? 'GET',
    target: view.target,
    httpVersion: request.httpVersion,
    headers,
  }
}

/** @param {string | undefined} address */
export const sourceOf = address =>
  address === undefined || address === ''
    ? {}
    : { ip: address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address }

/**
 * Lower case, without a default port.
 * @param {unknown} host
 */
export const hostOf = host =>
  typeof host === 'string' && host !== '' ? host.toLowerCase().replace(/:(?:80|443)$/, '') : 'unknown'

/**
 * @param {IncomingMessage} request
 * @param {string} name
 * @param {string} value
 */
function setHeader(request, name, value) {
  dropHeader(request, name)
  request.headers[name] = value
  request.rawHeaders.push(name, value)
}

/**
 * @param {IncomingMessage} request
 * @param {string} name
 */
function dropHeader(request, name) {
  delete request.headers[name]
  const { rawHeaders } = request
  for (let index = rawHeaders.length - 2; index >= 0; index -= 2)
    if (rawHeaders[index]?.toLowerCase() === name) rawHeaders.splice(index, 2)
}
