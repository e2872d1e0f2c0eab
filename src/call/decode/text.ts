import { isUtf8 } from 'node:buffer'

export interface DecodedText {
  readonly text: string
  readonly note?: string
}

const plain = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii', 'iso-10646-ucs-2'])

/** Is a body of that charset read as UTF-8 is? */
export const isPlainCharset = (charset: string | undefined): boolean =>
  charset === undefined || plain.has(charset)

/**
 * Bytes as text in the charset named, UTF-8 without one. Never fails: what cannot be read becomes U+FFFD, an unknown
 * charset is read as UTF-8, and `note` says so. A byte order mark is left out.
 */
export function decodeText(bytes: Uint8Array, charset: string | undefined): DecodedText {
  if (charset !== undefined && !isPlainCharset(charset)) {
    try {
      return { text: new TextDecoder(charset.slice(0, 40)).decode(bytes) }
    } catch {
      return { text: utf8(bytes), note: 'unknown charset read as UTF-8' }
    }
  }
  if (
    bytes.length > 1 &&
    ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
  ) {
    return { text: new TextDecoder(bytes[0] === 0xff ? 'utf-16le' : 'utf-16be').decode(bytes) }
  }
  return isUtf8(bytes) ? { text: utf8(bytes) } : { text: utf8(bytes), note: 'invalid UTF-8 replaced' }
}

const utf8 = (bytes: Uint8Array): string => {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
}
