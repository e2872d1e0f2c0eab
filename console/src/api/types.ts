/** The API's own shapes: the console has no second idea of them. */
export type * from '../../../src/server/api.ts'

import type { Labels as CatalogLabels } from '../../../src/catalog/ownership/labels.ts'
import type {
  DismissalReason as SuppressionReason,
  DismissalScope as SuppressionScope,
} from '../../../src/detect/tuning/suppression.ts'
import type { Verdict as PersonsVerdict } from '../../../src/detect/tuning/tuning.ts'
import type { WhyState as DetectorWhyState } from '../../../src/detect/tuning/why.ts'
import type { Problem as Rfc9457Problem } from '../../../src/kit/problem.ts'
import type { Severity as ApiSeverity } from '../../../src/kit/severity.ts'

export type Problem = Rfc9457Problem
export type Severity = ApiSeverity
export type Labels = CatalogLabels
export type DismissalReason = SuppressionReason
export type DismissalScope = SuppressionScope
export type Verdict = PersonsVerdict
export type WhyState = DetectorWhyState
