import type { SeenAttempt } from '../attempt.ts'
import type { Evidence } from '../evidence.ts'
import type { Manifest } from '../manifest.ts'
import type { Party } from '../party.ts'

export interface PolicySettings {
  /** The trust domain of the mesh, of which names of accounts begin. */
  readonly trustDomain: string
  /** What lets callers from outside in: an ingress controller or gateway. Where it is not named, addresses outside the private ranges stand for them. */
  readonly gateway?: Party
}

/** A kind of policy that can be recommended. */
export interface PolicyKind {
  readonly id: string
  readonly title: string
  /** `kind` of the objects it makes. */
  readonly kind: string
  /** Objects that allow what is kept and nothing else; none where there is nothing to go by. */
  generate(evidence: Evidence, settings: PolicySettings): readonly Manifest[]
  /** What was seen that such a policy has a say in. */
  concerns(evidence: Evidence): readonly SeenAttempt[]
}
