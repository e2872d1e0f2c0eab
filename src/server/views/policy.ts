import type { StoredPolicy, StoredRollout } from '../../store/ports/state-store.ts'
import type { PolicyView } from '../api/policy.ts'
import type { RolloutView } from '../api/rollout.ts'
import type { Backend, PolicyDescription } from '../backend.ts'
import { policyDescriptionOf } from './policy-description.ts'
import { noEffect, type PolicyEffect } from './policy-effect.ts'
import { present } from './present.ts'
import { rolloutViewOf } from './rollout.ts'
import { stamp } from './stamp.ts'

/** One policy in full, with its way and what is seen of it now. @param effect Of the last 24 hours; none where absent. */
export async function policyViewOf(
  policy: StoredPolicy,
  backend: Pick<Backend, 'describePolicy' | 'policies'>,
  effect: PolicyEffect | undefined,
): Promise<PolicyView> {
  const description = policyDescriptionOf(policy.source, backend)
  return {
    ...plainView(policy, description, effect),
    rollout:
      description.mode === 'invalid'
        ? noRollout(policy)
        : rolloutViewOf(await backend.policies.status(policy)),
  }
}

/** As in a list: without what takes a look at the calls. */
export function listedPolicyView(
  policy: StoredPolicy,
  backend: Pick<Backend, 'describePolicy'>,
  effect: PolicyEffect | undefined,
  rollout: StoredRollout | undefined,
): PolicyView {
  const description = policyDescriptionOf(policy.source, backend)
  return {
    ...plainView(policy, description, effect),
    rollout: rollout === undefined ? noRollout(policy, description.mode) : rolloutViewOf({ rollout }),
  }
}

const plainView = (
  policy: StoredPolicy,
  { mode, phase, action, owner, expiresAt }: PolicyDescription,
  effect: PolicyEffect | undefined,
): Omit<PolicyView, 'rollout'> => ({
  name: policy.name,
  source: policy.source,
  version: policy.version,
  updatedAt: stamp(policy.updatedAt),
  updatedBy: policy.updatedBy,
  mode,
  phase,
  action,
  ...present({ owner, expiresAt: expiresAt === undefined ? undefined : stamp(expiresAt) }),
  effect: effect ?? noEffect,
})

/** Of a policy that was never changed since rollouts are kept. */
const noRollout = ({ updatedAt }: StoredPolicy, mode = 'shadow'): RolloutView => ({
  stage: { mode: mode === 'enforce' || mode === 'canary' ? mode : 'shadow' },
  since: stamp(updatedAt),
})
