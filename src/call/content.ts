/** A decoded value: what JSON can say. Forms become objects of strings or lists of strings. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/**
 * A message body after decoding and redaction. `value` holds the decoded tree for the structured kinds; secrets in it
 * are already replaced by their fingerprint (`[redacted:<what>:<first 12 hex of the fingerprint>]`). `note` says what
 * decoding had to change or leave out, e.g. `invalid UTF-8 replaced`.
 */
export type Content =
  | { readonly kind: 'empty' }
  | { readonly kind: 'json'; readonly value: Json; readonly note?: string }
  | { readonly kind: 'form'; readonly value: { readonly [key: string]: Json }; readonly note?: string }
  | { readonly kind: 'multipart'; readonly value: { readonly [key: string]: Json }; readonly note?: string }
  | { readonly kind: 'text'; readonly text: string; readonly note?: string }
  | { readonly kind: 'binary' }
  /** It claimed to be structured and is not, or was cut off: `text` is what could be kept. */
  | { readonly kind: 'malformed'; readonly reason: string; readonly text: string }
