const empty = new Uint8Array(0)

/** The first bytes of a body as it goes by, and how long it was. */
export class BodyWindow {
  /** @type {Uint8Array[]} */
  #pieces = []
  #held = 0
  #limit
  size = 0

  /** @param {number} limit Bytes that are kept. */
  constructor(limit) {
    this.#limit = limit
  }

  get full() {
    return this.#held >= this.#limit
  }

  /** @param {Uint8Array} chunk */
  add(chunk) {
    this.size += chunk.length
    const room = this.#limit - this.#held
    if (room <= 0) return
    const piece = chunk.length <= room ? chunk : chunk.subarray(0, room)
    this.#held += piece.length
    this.#pieces.push(piece)
    // Many tiny pieces cost far more than their bytes: they become one.
    if (this.#pieces.length > 64) this.#pieces = [Buffer.concat(this.#pieces)]
  }

  /**
   * @param {boolean} whole Whether the end has been seen.
   * @returns {import('./types.d.ts').Body}
   */
  take(whole) {
    const bytes = this.#pieces.length === 0 ? empty : Buffer.concat(this.#pieces)
    return { bytes, size: this.size, truncated: !whole || this.size > this.#held }
  }
}

/**
 * A chunk as it is handed to a response.
 * @param {unknown} chunk
 * @param {unknown} encoding
 * @returns {Uint8Array | undefined}
 */
export function bytesOf(chunk, encoding) {
  if (chunk instanceof Uint8Array) return chunk
  if (typeof chunk !== 'string') return undefined
  return Buffer.from(chunk, typeof encoding === 'string' ? /** @type {BufferEncoding} */ (encoding) : 'utf8')
}

/**
 * What a framework parsed a body to, as bytes again.
 * @param {unknown} parsed
 * @param {string} contentType
 * @returns {Uint8Array}
 */
export function bytesOfParsed(parsed, contentType) {
  if (parsed === undefined || parsed === null) return empty
  if (parsed instanceof Uint8Array) return parsed
  if (parsed instanceof ArrayBuffer) return new Uint8Array(parsed)
  if (typeof parsed === 'string') return Buffer.from(parsed)
  if (contentType.startsWith('application/x-www-form-urlencoded') && typeof parsed === 'object') {
    const pairs = new URLSearchParams()
    for (const [name, value] of Object.entries(parsed))
      for (const item of Array.isArray(value) ? value : [value]) pairs.append(name, String(item))
    return Buffer.from(pairs.toString())
  }
  try {
    return Buffer.from(JSON.stringify(parsed) ?? '')
  } catch {
    return empty
  }
}
