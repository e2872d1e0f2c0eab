import type { DetectorDefinition } from '../detector.ts'
import { accountTakeover } from './account-takeover.ts'
import { bruteForce } from './brute-force.ts'
import { credentialStuffing } from './credential-stuffing.ts'
import { crossTenant } from './cross-tenant.ts'
import { functionLevel } from './function-level.ts'
import { injectionPayload } from './injection-payload.ts'
import { massAssignment } from './mass-assignment.ts'
import { objectEnumeration } from './object-enumeration.ts'
import { objectExclusivity } from './object-exclusivity.ts'
import { objectProvenance } from './object-provenance.ts'
import { ownerBinding } from './owner-binding.ts'
import { parameterPollution } from './parameter-pollution.ts'
import { passwordSpraying } from './password-spraying.ts'
import { tokenReuse } from './token-reuse.ts'

/** Every detector there is: one file each, one line here. */
export const detectors: readonly DetectorDefinition[] = [
  accountTakeover,
  bruteForce,
  credentialStuffing,
  crossTenant,
  functionLevel,
  injectionPayload,
  massAssignment,
  objectEnumeration,
  objectExclusivity,
  objectProvenance,
  ownerBinding,
  parameterPollution,
  passwordSpraying,
  tokenReuse,
]
