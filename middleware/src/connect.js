import { protectExchange } from './node-exchange.js'

/** @import { IncomingMessage, ServerResponse } from 'node:http' */
/** @import { Protection } from './protection.js' */

/**
 * A middleware of the `(request, response, next)` kind; what a framework adds to the request is used where it is there.
 * @param {Protection} protection
 * @returns {(request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void}
 */
export const connectMiddleware = protection => (request, response, next) => {
  /** @type {IncomingMessage & { originalUrl?: string, ip?: string, body?: unknown }} */
  const asked = request
  const goes = protectExchange(protection, request, response, {
    target: asked.originalUrl ?? request.url ?? '/',
    address: asked.ip ?? request.socket.remoteAddress,
    parsed: () => asked.body,
    replace: bytes => {
      asked.body = replaced(asked.body, bytes)
    },
  })
  if (goes instanceof Promise) goes.then(may => may && next(), next)
  else if (goes) next()
}

/**
 * A new body in the form in which the old one stood there.
 * @param {unknown} before
 * @param {Uint8Array} bytes
 */
export function replaced(before, bytes) {
  const buffer = Buffer.from(bytes)
  if (Buffer.isBuffer(before)) return buffer
  const text = buffer.toString('utf8')
  if (typeof before === 'string') return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
