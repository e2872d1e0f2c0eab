import { fnv1a, mix32 } from '../kit/hash.ts'
import type { PolicyOutcome } from './facts.ts'

/** Shares are told apart to a hundredth of a percent. */
const steps = 10_000

/**
 * Whether a principal is among the share a canary acts for: the same one always is, each policy has its own, and whoever is in
 * a smaller share is in every larger one. `percent` 0 to 100.
 */
export const inCanary = (policy: string, principal: string, percent: number): boolean =>
  mix32(fnv1a(principal, fnv1a(policy))) % steps < percent * (steps / 100)

/** Whether what a policy says is done for this principal, not only written down. */
export const acts = (
  { policy, mode, percent }: Pick<PolicyOutcome, 'policy' | 'mode' | 'percent'>,
  principal: string,
): boolean => mode === 'enforce' || (mode === 'canary' && inCanary(policy, principal, percent ?? 0))
