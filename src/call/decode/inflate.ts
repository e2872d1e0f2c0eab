import {
  brotliDecompressSync,
  constants,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  zstdDecompressSync,
} from 'node:zlib'

export type Inflated =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly reason: string; readonly bytes: Uint8Array }

const codings = 3

/** Truncated streams give what they hold: the inspection window cuts long bodies. */
const zlibOptions = (bound: number) => ({ maxOutputLength: bound, finishFlush: constants.Z_SYNC_FLUSH })

const inflateOne = (coding: string, bytes: Uint8Array, bound: number): Uint8Array => {
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      return gunzipSync(bytes, zlibOptions(bound))
    case 'deflate':
      // RFC 9110 says zlib; some send the raw form.
      return (bytes[0]! & 0x0f) === 8
        ? inflateSync(bytes, zlibOptions(bound))
        : inflateRawSync(bytes, zlibOptions(bound))
    case 'br':
      return brotliDecompressSync(bytes, {
        maxOutputLength: bound,
        finishFlush: constants.BROTLI_OPERATION_FLUSH,
      })
    default:
      return zstdDecompressSync(bytes, { maxOutputLength: bound, finishFlush: constants.ZSTD_e_flush })
  }
}

const known = new Set(['gzip', 'x-gzip', 'deflate', 'br', 'zstd'])

/** Is there anything to undo? */
export const isCoded = (contentEncoding: string | undefined): contentEncoding is string =>
  contentEncoding !== undefined && contentEncoding !== '' && contentEncoding !== 'identity'

/**
 * Undoes `content-encoding` (gzip, deflate, br, zstd; up to three, last first). At most `bound` bytes come out; a body that
 * inflates beyond them, is damaged or coded otherwise is given back as it came, with the reason. A body that is plain although
 * the header says otherwise (a tool decoded it and kept the header) is given back as fine.
 */
export function inflate(bytes: Uint8Array, contentEncoding: string, bound: number): Inflated {
  const order = contentEncoding
    .toLowerCase()
    .split(',', codings + 1)
    .map(coding => coding.trim())
    .filter(coding => coding !== '' && coding !== 'identity')
  if (order.length > codings) return { ok: false, reason: `more than ${codings} content codings`, bytes }
  let current = bytes
  for (const coding of order.reverse()) {
    if (!known.has(coding))
      return { ok: false, reason: `content coding ${coding.slice(0, 32)} is not known`, bytes }
    try {
      current = inflateOne(coding, current, bound)
    } catch (cause) {
      if ((cause as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') {
        return { ok: false, reason: `inflates beyond ${bound} bytes`, bytes }
      }
      if (looksPlain(current)) return { ok: true, bytes: current }
      return { ok: false, reason: `damaged ${coding} body`, bytes }
    }
  }
  return { ok: true, bytes: current }
}

/** Do the first bytes read as text? */
export function looksPlain(bytes: Uint8Array): boolean {
  const end = Math.min(bytes.length, 512)
  for (let index = 0; index < end; index += 1) {
    const byte = bytes[index]!
    if (byte < 9 || (byte > 13 && byte < 32 && byte !== 27) || byte === 127) return false
  }
  return end > 0
}
