import type { ApiCall } from '../../call/api-call.ts'
import type { ProtocolExample } from '../../call/protocols/protocol.ts'
import type { Identity } from '../../identity/identity.ts'
import type { Severity } from '../../kit/severity.ts'
import type { Endpoint, Match } from '../endpoint.ts'
import type { ToolChange } from '../operations/tool-definitions.ts'
import type { Sighting } from './sightings.ts'

/** A call, or one operation's part of it, at its place in the catalog. */
export interface PlacedCall {
  readonly call: ApiCall
  readonly match: Match
  readonly identity: Identity
  /** Answered with 2xx or 3xx, and not with a failure in the protocol's own words. */
  readonly succeeded: boolean
}

/** What a rule knows when it words a finding. */
export interface SightedFact extends Sighting {
  readonly calls: number
  readonly endpoint: Endpoint | undefined
}

/** A call of an example and the credential it carried; without one it carries none. */
export interface FindingExampleCall extends Pick<ProtocolExample, 'request' | 'response'> {
  readonly title: string
}

/** One kind of finding that needs no specification. One file each in `rules/`, and a line in its `index.ts`. */
export interface FindingRule {
  /** Equals the file name. */
  readonly id: string
  readonly title: string
  readonly summary: string
  readonly owasp: readonly string[]
  /** Looks at one call. */
  readonly call?: (placed: PlacedCall) => readonly Sighting[]
  /** Looks at a tool that is told differently than before. */
  readonly tool?: (change: ToolChange) => readonly Sighting[]
  readonly severity: (fact: SightedFact) => Severity
  readonly why: (fact: SightedFact) => string
  readonly fix: (fact: SightedFact) => string
  readonly examples: {
    readonly fires: readonly (readonly FindingExampleCall[])[]
    readonly quiet: readonly (readonly FindingExampleCall[])[]
  }
}

/** Declares a rule: the identity function that checks its shape. */
export const defineFindingRule = (rule: FindingRule): FindingRule => rule

/** `12 calls` or `1 call`. */
export const callCount = (calls: number): string => `${calls} ${calls === 1 ? 'call' : 'calls'}`
