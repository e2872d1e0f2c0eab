import type { Observation } from '../baseline/observation.ts'

/**
 * A workload that calls as itself, without a credential of its own, passes on what its many callers ask for: how many objects or
 * accounts it touches says nothing of any of them.
 */
export const actsForOthers = ({ identity, call }: Observation): boolean =>
  identity.kind === 'service' && identity.token === undefined && call.source.workload !== undefined
