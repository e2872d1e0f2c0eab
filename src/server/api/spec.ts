/** A specification that was given, and what was made of it. */
export interface SpecView {
  readonly name: string
  readonly format: string
  readonly title: string
  readonly version: string
  readonly servers: readonly string[]
  readonly operations: number
  /** Warnings, one sentence each, with their place. */
  readonly problems: readonly string[]
  readonly updatedAt: string
  readonly updatedBy: string
}
