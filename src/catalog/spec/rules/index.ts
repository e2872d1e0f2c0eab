import type { DriftRule } from '../rule.ts'
import { deprecatedInUse } from './deprecated-in-use.ts'
import { missingRequired } from './missing-required.ts'
import { securityMismatch } from './security-mismatch.ts'
import { typeDrift } from './type-drift.ts'
import { undocumentedEndpoint } from './undocumented-endpoint.ts'
import { undocumentedParameter } from './undocumented-parameter.ts'
import { undocumentedResponseField } from './undocumented-response-field.ts'
import { undocumentedStatus } from './undocumented-status.ts'
import { valueViolation } from './value-violation.ts'

/** Every kind of drift that is looked for. Adding one is a file here and a line below. */
export const driftRules: readonly DriftRule[] = [
  deprecatedInUse,
  missingRequired,
  securityMismatch,
  typeDrift,
  undocumentedEndpoint,
  undocumentedParameter,
  undocumentedResponseField,
  undocumentedStatus,
  valueViolation,
]
