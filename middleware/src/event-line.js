/** @import { Body, Exchange } from './types.d.ts' */

/**
 * A body's fields in an event line: text where it is that, else base64.
 * @param {Body | undefined} body
 */
export function bodyFields(body) {
  if (body === undefined) return {}
  const { bytes, size, truncated } = body
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const text = buffer.toString('utf8')
  // A byte order mark would be lost in reading, and what is no UTF-8 already was.
  const faithful = !text.includes('\ufffd') && !text.startsWith('\ufeff')
  return {
    ...(faithful ? { body: text } : { body: buffer.toString('base64'), bodyEncoding: 'base64' }),
    bodySize: size,
    bodyTruncated: truncated,
  }
}

/**
 * One call of the event line format.
 * @param {Exchange} exchange
 */
export function eventLine({ request, response, ...rest }) {
  const { body, ...head } = request
  return {
    ...rest,
    request: { ...head, ...bodyFields(body) },
    ...(response === undefined
      ? {}
      : {
          response: { status: response.status, headers: response.headers, ...bodyFields(response.body) },
        }),
  }
}
