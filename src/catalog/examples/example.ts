import type { CallId } from '../../kit/id.ts'

export interface MaskedBody {
  /** Lower case, without parameters; `?` where the message does not say. */
  readonly mediaType: string
  /** A tree, masked text, or for bytes and bodies that were not kept their size in words. */
  readonly body: unknown
  /** Something was left out for its size. */
  readonly cut: boolean
}

export type Pair = readonly [name: string, value: string]

/** A call as it may be shown: no value of a classed field, no secret, nothing by whose form personal data is known. */
export interface MaskedExample {
  readonly call: CallId
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly method: string
  /** Decoded. */
  readonly path: string
  readonly query: readonly Pair[]
  readonly headers: readonly Pair[]
  readonly requestBody?: MaskedBody
  readonly status?: number
  readonly responseHeaders: readonly Pair[]
  readonly responseBody?: MaskedBody
  /** Values that were replaced. */
  readonly masked: number
}
