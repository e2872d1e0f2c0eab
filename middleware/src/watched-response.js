import { BodyWindow, bytesOf } from './body-window.js'
import { problemOf, refuses } from './problem.js'
import { headerEntries, headerPairs, isStream } from './response-head.js'

/** @import { ServerResponse } from 'node:http' */
/** @import { Body, Exchange, GuardedResponse, Needs, Verdict } from './types.d.ts' */

/** Of a refused answer these stay: they are about the connection and the browser, not about what was refused. */
const keptHeaders = /^(?:access-control-|vary$|connection$|keep-alive$|date$|strict-transport-security$)/
/** Headers that speak about the body that was. */
const bodyHeaders = [
  'content-encoding',
  'transfer-encoding',
  'etag',
  'content-md5',
  'content-digest',
  'repr-digest',
  'accept-ranges',
]

/** @type {Body} */
const unseen = Object.freeze({ bytes: new Uint8Array(0), size: 0, truncated: true })

/**
 * Follows what an application answers. Where a verdict needs the answer its beginning is held back until that is there; everything else
 * goes through as it is written. A stream, and an answer whose head was flushed, is decided on by its head.
 */
export class WatchedResponse {
  #response
  #needs
  #decide
  #holdMs
  #original
  #window
  #undone
  /** The whole body was decided on. */
  #whole = false
  /** @type {'through' | 'held' | 'deciding' | 'refused'} */
  #state
  /** @type {unknown[] | undefined} */
  #headArguments
  /** @type {[unknown, unknown, unknown][]} */
  #writes = []
  #ended = false
  #blocked = false
  /** @type {unknown} */
  #endCallback
  /** @type {NodeJS.Timeout | undefined} */
  #timer
  /** @type {GuardedResponse | undefined} */
  #head
  /** @type {[name: string, value: string | string[]][]} */
  #added = []

  /**
   * @param {ServerResponse} response
   * @param {Needs} needs
   * @param {(response: GuardedResponse, body: Body | undefined) => Verdict | Promise<Verdict>} decide
   * @param {{ bodyBytes: number, holdMs: number, undone: () => void }} bounds `undone` is told of a body that could not be replaced.
   */
  constructor(response, needs, decide, { bodyBytes, holdMs, undone }) {
    this.#response = response
    this.#needs = needs
    this.#decide = decide
    this.#holdMs = holdMs
    this.#undone = undone
    this.#window = new BodyWindow(bodyBytes)
    this.#state = needs.response || needs.responseBody ? 'held' : 'through'
    this.#original = {
      writeHead: response.writeHead,
      write: response.write,
      end: response.end,
      flushHeaders: response.flushHeaders,
    }
    const watched = this
    Object.assign(response, {
      writeHead(/** @type {unknown[]} */ ...given) {
        return watched.#writeHead(given)
      },
      write(/** @type {unknown} */ chunk, /** @type {unknown} */ encoding, /** @type {unknown} */ callback) {
        return typeof encoding === 'function'
          ? watched.#write(chunk, undefined, encoding)
          : watched.#write(chunk, encoding, callback)
      },
      end(/** @type {unknown} */ chunk, /** @type {unknown} */ encoding, /** @type {unknown} */ callback) {
        if (typeof chunk === 'function') return watched.#end(undefined, undefined, chunk)
        if (typeof encoding === 'function') return watched.#end(chunk, undefined, encoding)
        return watched.#end(chunk, encoding, callback)
      },
      flushHeaders() {
        watched.#flushHeaders()
      },
    })
    if (this.#state === 'held') this.#pretend()
  }

  /**
   * The answer as the application gave it, once it is over.
   * @returns {NonNullable<Exchange['response']> | undefined}
   */
  get seen() {
    const head = this.#head ?? (this.#response.headersSent ? this.#headNow() : undefined)
    if (head === undefined) return undefined
    const body = this.#window.take(this.#ended)
    return { ...head, ...(body.size === 0 && !body.truncated ? {} : { body }) }
  }

  /** While it is held an application sees what it would see otherwise. */
  #pretend() {
    Object.defineProperty(this.#response, 'headersSent', {
      configurable: true,
      get: () => this.#headArguments !== undefined || this.#writes.length > 0 || this.#ended,
    })
    Object.defineProperty(this.#response, 'writableEnded', { configurable: true, get: () => this.#ended })
  }

  #unpretend() {
    Reflect.deleteProperty(this.#response, 'headersSent')
    Reflect.deleteProperty(this.#response, 'writableEnded')
  }

  /** @param {unknown[]} given */
  #writeHead(given) {
    if (this.#state === 'refused') return this.#response
    this.#added = headerEntries(typeof given[1] === 'string' ? given[2] : (given[1] ?? given[2]))
    if (this.#state === 'through') {
      this.#head = { status: Number(given[0]), headers: headerPairs(this.#response, this.#added) }
      return Reflect.apply(this.#original.writeHead, this.#response, given)
    }
    this.#headArguments = given
    return this.#response
  }

  /**
   * @param {unknown} chunk
   * @param {unknown} encoding
   * @param {unknown} callback
   * @returns {boolean}
   */
  #write(chunk, encoding, callback) {
    if (this.#state === 'refused') return drop(callback)
    this.#see(chunk, encoding)
    if (this.#state === 'through')
      return Reflect.apply(this.#original.write, this.#response, [chunk, encoding, callback])
    this.#writes.push([chunk, encoding, callback])
    if (this.#state === 'held') {
      if (!this.#needs.responseBody || this.#window.full || isStream(this.#headNow().headers))
        this.#decideNow()
      else this.#timer ??= setTimeout(() => this.#decideNow(), this.#holdMs).unref()
    }
    // Deciding may have let it through, or go on beside us.
    if (/** @type {string} */ (this.#state) !== 'deciding') return !this.#response.writableNeedDrain
    this.#blocked ||= this.#window.full
    return !this.#blocked
  }

  /**
   * @param {unknown} chunk
   * @param {unknown} encoding
   * @param {unknown} callback
   */
  #end(chunk, encoding, callback) {
    if (this.#state === 'refused') {
      drop(callback)
      return this.#response
    }
    if (chunk !== undefined && chunk !== null) this.#see(chunk, encoding)
    if (this.#state === 'through') {
      this.#ended = true
      return Reflect.apply(this.#original.end, this.#response, [chunk, encoding, callback])
    }
    if (this.#ended) {
      drop(callback)
      return this.#response
    }
    if (chunk !== undefined && chunk !== null) this.#writes.push([chunk, encoding, undefined])
    this.#endCallback = callback
    this.#ended = true
    if (this.#state === 'held') this.#decideNow()
    return this.#response
  }

  #flushHeaders() {
    if (this.#state === 'refused') return
    if (this.#state === 'through') {
      Reflect.apply(this.#original.flushHeaders, this.#response, [])
      return
    }
    // Whoever flushes the head means to stream.
    this.#headArguments ??= [this.#response.statusCode]
    if (this.#state === 'held') this.#decideNow()
  }

  /**
   * @param {unknown} chunk
   * @param {unknown} encoding
   */
  #see(chunk, encoding) {
    const bytes = bytesOf(chunk, encoding)
    if (bytes !== undefined) this.#window.add(bytes)
  }

  /** @returns {GuardedResponse} */
  #headNow() {
    const status = Number(this.#headArguments?.[0] ?? this.#response.statusCode)
    return { status, headers: headerPairs(this.#response, this.#added) }
  }

  #decideNow() {
    if (this.#state !== 'held') return
    clearTimeout(this.#timer)
    this.#state = 'deciding'
    const head = this.#headNow()
    this.#head = head
    const streams = !this.#ended && (this.#window.size === 0 || isStream(head.headers))
    const body = this.#needs.responseBody ? (streams ? unseen : this.#window.take(this.#ended)) : undefined
    this.#whole = this.#ended && body?.truncated === false
    const verdict = this.#decide(head, body)
    if (verdict instanceof Promise)
      // A head that cannot be written throws where the application is no longer: the answer ends, not the process.
      verdict.then(decided => this.#release(decided)).catch(() => this.#response.destroy())
    else this.#release(verdict)
  }

  /** @param {Verdict} verdict */
  #release(verdict) {
    const response = this.#response
    this.#unpretend()
    if (response.destroyed) {
      this.#state = 'refused'
      return
    }
    if (refuses(verdict)) {
      this.#refuse(verdict)
      return
    }
    const [status, reason] = this.#headArguments ?? []
    if (status !== undefined) response.statusCode = Number(status)
    if (typeof reason === 'string') response.statusMessage = reason
    for (const [name, value] of this.#added) response.setHeader(name, value)
    const flushed = this.#headArguments !== undefined
    this.#headArguments = undefined
    this.#state = 'through'
    let writes = this.#writes
    this.#writes = []
    if (verdict.action === 'amend') {
      for (const [name, value] of verdict.headers ?? []) response.setHeader(name, value)
      if (verdict.body !== undefined && !this.#whole) this.#undone()
      else if (verdict.body !== undefined) {
        for (const name of bodyHeaders) response.removeHeader(name)
        response.setHeader('content-length', verdict.body.length)
        writes = [[verdict.body, undefined, undefined]]
      }
    }
    const { write, end, flushHeaders } = this.#original
    const seen = this.#head
    if (this.#ended) {
      // The last write goes with the end, so that a short answer keeps its length.
      const last = writes.pop()
      for (const [chunk, encoding, callback] of writes)
        Reflect.apply(write, response, [chunk, encoding, callback])
      if (typeof last?.[2] === 'function') last[2]()
      Reflect.apply(end, response, [last?.[0], last?.[1], this.#endCallback])
    } else {
      if (writes.length === 0 && flushed) Reflect.apply(flushHeaders, response, [])
      for (const [chunk, encoding, callback] of writes)
        Reflect.apply(write, response, [chunk, encoding, callback])
      if (this.#blocked && !response.writableNeedDrain) response.emit('drain')
    }
    // What the application said is kept, not what became of it.
    this.#head = seen
  }

  /** @param {import('./types.d.ts').Refusal} verdict */
  #refuse(verdict) {
    const response = this.#response
    this.#state = 'refused'
    for (const name of response.getHeaderNames()) if (!keptHeaders.test(name)) response.removeHeader(name)
    const { status, headers, body } = problemOf(verdict)
    for (const [name, value] of headers) response.setHeader(name, value)
    response.statusCode = status
    response.statusMessage = ''
    for (const [, , callback] of this.#writes) drop(callback)
    this.#writes = []
    Reflect.apply(this.#original.writeHead, response, [status])
    Reflect.apply(this.#original.end, response, [body, undefined, this.#endCallback])
    if (this.#blocked) response.emit('drain')
  }
}

/** @param {unknown} callback */
const drop = callback => {
  if (typeof callback === 'function') process.nextTick(callback)
  return true
}
