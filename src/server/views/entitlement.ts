import type { Entitlement } from '../../graph/entitlements.ts'
import type { EntitlementView } from '../api/entitlement.ts'
import { stamp } from './stamp.ts'

export const entitlementViewOf = ({
  identity,
  target,
  since,
  lastUsed,
  ...rest
}: Entitlement): EntitlementView => ({
  ...rest,
  identity: identity.id,
  target: target.id,
  ...(since === 0 ? {} : { since: stamp(since) }),
  ...(lastUsed === undefined ? {} : { lastUsed: stamp(lastUsed) }),
})
