import type { PayloadHit } from './payload/grammar.ts'

/** A payload and where it stood: `path`, `query:q`, `header:user-agent`, or the path of the body field. */
export interface PlacedHit extends PayloadHit {
  readonly at: string
}

/** The outcome of having looked for payloads. */
export type Inspection = PlacedHit | 'clean'
