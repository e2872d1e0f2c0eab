import type { EndpointId } from '../kit/id.ts'

/**
 * "On this endpoint, the field `field` of the answer is the caller's `claim`." Learned, immutable, handed to policies
 * in the snapshot. `field` is a path into the JSON response body (`owner`, `data.ownerId`, `items[].userId`), or
 * `path:<name>` for the value at a placeholder of the endpoint's template (`path:userId`). One that is derived has `via:<path>`: what the
 * field refers to is an object whose owner other answers name.
 */
export interface OwnerBinding {
  readonly endpoint: EndpointId
  readonly scope: 'user' | 'tenant'
  readonly field: string
  /** Name of the identity attribute: `sub`, `email`, `tenant`, or another claim; `name` is the principal's name. */
  readonly claim: string
  /** Observations it rests on, the share that agreed, and over how many principals. */
  readonly seen: number
  readonly agreement: number
  readonly principals: number
  /**
   * Who may cross it, as learned: roles, `kind:<principal kind>` and `principal:<principal id>`. Roles whose name says so
   * (support, admin …) may without being listed: ask `isExempt`.
   */
  readonly exemptRoles: readonly string[]
}
