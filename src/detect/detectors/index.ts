import type { DetectorDefinition } from '../detector.ts'
import { credentialStuffing } from './credential-stuffing.ts'
import { crossTenant } from './cross-tenant.ts'
import { injectionPayload } from './injection-payload.ts'
import { objectEnumeration } from './object-enumeration.ts'
import { ownerBinding } from './owner-binding.ts'
import { tokenReuse } from './token-reuse.ts'

/** Every detector there is: one file each, one line here. */
export const detectors: readonly DetectorDefinition[] = [
  credentialStuffing,
  crossTenant,
  injectionPayload,
  objectEnumeration,
  ownerBinding,
  tokenReuse,
]
