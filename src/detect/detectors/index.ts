import type { DetectorDefinition } from '../detector.ts'
import { accountTakeover } from './account-takeover.ts'
import { bruteForce } from './brute-force.ts'
import { credentialStuffing } from './credential-stuffing.ts'
import { crossTenant } from './cross-tenant.ts'
import { injectionPayload } from './injection-payload.ts'
import { objectEnumeration } from './object-enumeration.ts'
import { ownerBinding } from './owner-binding.ts'
import { passwordSpraying } from './password-spraying.ts'
import { tokenReuse } from './token-reuse.ts'

/** Every detector there is: one file each, one line here. */
export const detectors: readonly DetectorDefinition[] = [
  passwordSpraying,
  credentialStuffing,
  bruteForce,
  accountTakeover,
  crossTenant,
  injectionPayload,
  objectEnumeration,
  ownerBinding,
  tokenReuse,
]
