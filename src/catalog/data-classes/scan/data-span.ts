/** A value of a data class within a text: `[start, end)` in UTF-16 units. */
export interface DataSpan {
  readonly start: number
  readonly end: number
  readonly dataClass: string
}
