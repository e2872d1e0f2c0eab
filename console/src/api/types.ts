/** The API's own shapes: the console has no second idea of them. */
export type * from '../../../src/server/api.ts'

import type { Labels as CatalogLabels } from '../../../src/catalog/ownership/labels.ts'
import type { Problem as Rfc9457Problem } from '../../../src/kit/problem.ts'
import type { Severity as ApiSeverity } from '../../../src/kit/severity.ts'

export type Problem = Rfc9457Problem
export type Severity = ApiSeverity
export type Labels = CatalogLabels

/** Of `/specs`, whose shape stands with its route. */
export interface SpecView {
  readonly name: string
  readonly format: string
  readonly title: string
  readonly version: string
  readonly servers: readonly string[]
  readonly operations: number
  /** Warnings, one sentence each, with their place. */
  readonly problems: readonly string[]
  readonly updatedAt: string
  readonly updatedBy: string
}
