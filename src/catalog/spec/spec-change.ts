/**
 * What a change means to those who rely on the older document: `breaking` stops a client written for it, `risky` may, or
 * lowers what is demanded of callers, `safe` does neither.
 */
export interface SpecChange {
  readonly kind: 'breaking' | 'risky' | 'safe'
  /** `METHOD /template`, a type or field of GraphQL, a method or field of protobuf, or the document. */
  readonly operation: string
  /** What in it: `query:q`, `request:items[].id`, `response 200:total`, `security`, or empty. */
  readonly at: string
  /** What changed, as the end of a sentence. */
  readonly what: string
}
