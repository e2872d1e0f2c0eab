import type { PayloadHit } from './payload/grammar.ts'

/** A payload and where it stood: `path`, `query:q`, `header:user-agent`, or the path of the body field. */
export interface PlacedHit extends PayloadHit {
  readonly at: string
}

/** The outcome of having looked for payloads. */
export type Inspection = PlacedHit | 'clean'

/**
 * From this confidence on a request counts as carrying a payload while it waits to be decided. More than a detector asks for: nothing is known
 * yet of the answer, and who is wrong here turns a person away.
 */
const decisive = 0.65

/** The policy fact `request.payload`: the kind of what was found, or nothing. */
export const payloadFact = (hit: PlacedHit | undefined): string =>
  hit !== undefined && hit.confidence >= decisive ? hit.kind : ''
