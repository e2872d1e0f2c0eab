/** @import { IncomingMessage } from 'node:http' */

/** @param {IncomingMessage} request */
export const bringsBody = request =>
  request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0

/**
 * Somebody has read the body, or begun to.
 * @param {IncomingMessage} request
 */
export const isRead = request =>
  request.readableDidRead || request.readableEnded || request.readableFlowing === true

/**
 * Reads up to `limit` bytes of a body and puts them back, so that whoever comes after reads it from its beginning.
 * @param {IncomingMessage} request
 * @param {number} limit
 * @returns {Promise<{ bytes: Buffer, whole: boolean } | undefined>} Undefined where the client went away.
 */
export function readAhead(request, limit) {
  return new Promise(resolve => {
    /** @type {Buffer[]} */
    const pieces = []
    let size = 0
    /** @param {boolean} gone */
    const done = gone => {
      request.off('readable', read)
      request.off('error', lost)
      request.off('close', lost)
      if (gone) {
        resolve(undefined)
        return
      }
      const bytes = Buffer.concat(pieces)
      const whole = request.complete && request.readableLength === 0
      // Within the same turn as the last read: the end is not told while there is something to read.
      if (bytes.length > 0) request.unshift(bytes)
      // Streams forget the listener for `readable` only after this turn; a reader that came before would never be told.
      setImmediate(() => resolve({ bytes, whole }))
    }
    const lost = () => done(true)
    const read = () => {
      for (;;) {
        const chunk = /** @type {Buffer | null} */ (request.read())
        if (chunk === null) break
        pieces.push(chunk)
        size += chunk.length
        if (size > limit) break
      }
      if (size > limit || request.complete) done(false)
    }
    request.on('readable', read)
    request.on('error', lost)
    request.on('close', lost)
    if (request.readableLength > 0 || request.complete) read()
  })
}
