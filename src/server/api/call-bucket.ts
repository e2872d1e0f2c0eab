/** How many calls a span of time had. `time` is when it begins. */
export interface CallBucketView {
  readonly time: string
  readonly calls: number
  readonly refused: number
  readonly failed: number
}
