/** Bounds of decoding; what lies beyond one is cut and said (`malformed`, `bodyTruncated`), never an error. */
export interface DecodeLimits {
  /** Bytes of a body that are looked at. */
  readonly bodyBytes: number
  /** Nesting of JSON and of encodings within strings. */
  readonly depth: number
  readonly encodingLayers: number
  /** Leaves walked per body. */
  readonly leaves: number
  readonly stringLength: number
}

export const defaultDecodeLimits: DecodeLimits = {
  bodyBytes: 65_536,
  depth: 32,
  encodingLayers: 3,
  leaves: 2_000,
  stringLength: 8_192,
}
