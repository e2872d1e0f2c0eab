import type { DetectorDefinition } from '../detector.ts'
import { accountCreation } from './account-creation.ts'
import { accountTakeover } from './account-takeover.ts'
import { agentScopeCreep } from './agent-scope-creep.ts'
import { bruteForce } from './brute-force.ts'
import { cardTesting } from './card-testing.ts'
import { clientChange } from './client-change.ts'
import { concurrentUse } from './concurrent-use.ts'
import { couponAbuse } from './coupon-abuse.ts'
import { credentialStuffing } from './credential-stuffing.ts'
import { crossTenant } from './cross-tenant.ts'
import { dataExposure } from './data-exposure.ts'
import { expensiveCall } from './expensive-call.ts'
import { extremeValue } from './extreme-value.ts'
import { flowSkip } from './flow-skip.ts'
import { flowVelocity } from './flow-velocity.ts'
import { forgedToken } from './forged-token.ts'
import { functionLevel } from './function-level.ts'
import { impossibleTravel } from './impossible-travel.ts'
import { injectionPayload } from './injection-payload.ts'
import { linkedAccounts } from './linked-accounts.ts'
import { llmTokens } from './llm-tokens.ts'
import { massAssignment } from './mass-assignment.ts'
import { mcpHeaderMismatch } from './mcp-header-mismatch.ts'
import { mcpSecretArgument } from './mcp-secret-argument.ts'
import { mcpToolDrift } from './mcp-tool-drift.ts'
import { missingCompanions } from './missing-companions.ts'
import { objectEnumeration } from './object-enumeration.ts'
import { objectExclusivity } from './object-exclusivity.ts'
import { objectGuessing } from './object-guessing.ts'
import { objectProvenance } from './object-provenance.ts'
import { otpCracking } from './otp-cracking.ts'
import { ownerBinding } from './owner-binding.ts'
import { pageSize } from './page-size.ts'
import { parameterPollution } from './parameter-pollution.ts'
import { passwordSpraying } from './password-spraying.ts'
import { promptInjectionChain } from './prompt-injection-chain.ts'
import { queryCost } from './query-cost.ts'
import { refreshTokenReuse } from './refresh-token-reuse.ts'
import { scanner } from './scanner.ts'
import { schemaViolation } from './schema-violation.ts'
import { scopeDrift } from './scope-drift.ts'
import { scraping } from './scraping.ts'
import { serviceTokenElsewhere } from './service-token-elsewhere.ts'
import { slowExfiltration } from './slow-exfiltration.ts'
import { stockHoarding } from './stock-hoarding.ts'
import { thirdPartyResponse } from './third-party-response.ts'
import { tokenBinding } from './token-binding.ts'
import { tokenCracking } from './token-cracking.ts'
import { tokenReuse } from './token-reuse.ts'
import { unusualExport } from './unusual-export.ts'
import { volume } from './volume.ts'

/** Every detector there is: one file each, one line here. */
export const detectors: readonly DetectorDefinition[] = [
  accountCreation,
  accountTakeover,
  agentScopeCreep,
  bruteForce,
  cardTesting,
  clientChange,
  concurrentUse,
  couponAbuse,
  credentialStuffing,
  crossTenant,
  dataExposure,
  expensiveCall,
  extremeValue,
  flowSkip,
  flowVelocity,
  forgedToken,
  functionLevel,
  impossibleTravel,
  injectionPayload,
  linkedAccounts,
  llmTokens,
  massAssignment,
  mcpHeaderMismatch,
  mcpSecretArgument,
  mcpToolDrift,
  missingCompanions,
  objectEnumeration,
  objectExclusivity,
  objectGuessing,
  objectProvenance,
  otpCracking,
  ownerBinding,
  pageSize,
  parameterPollution,
  passwordSpraying,
  promptInjectionChain,
  queryCost,
  refreshTokenReuse,
  scanner,
  schemaViolation,
  scopeDrift,
  scraping,
  serviceTokenElsewhere,
  slowExfiltration,
  stockHoarding,
  thirdPartyResponse,
  tokenBinding,
  tokenCracking,
  tokenReuse,
  unusualExport,
  volume,
]
