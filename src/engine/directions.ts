import type { TemplatePin } from '../catalog/directions/template-pin.ts'
import type { CatalogFile } from '../catalog/ownership/catalog-file.ts'
import type { EndpointOverride } from '../catalog/ownership/labels.ts'

/** What people say of the catalog, whole: from the state store and from the catalog file. */
export interface Directions {
  /** Rises with each change. */
  readonly version: number
  readonly pins: readonly TemplatePin[]
  readonly overrides: readonly EndpointOverride[]
  readonly file?: CatalogFile
}

export const noDirections: Directions = { version: 0, pins: [], overrides: [] }
