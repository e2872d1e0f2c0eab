import type { CatalogChange } from '../../catalog/changes/catalog-change.ts'

/** `field` is named as in `DataField`; `dataClasses` is what the field, or the endpoint where none is named, carries. */
export interface ChangeView {
  readonly id: string
  readonly time: string
  readonly kind: CatalogChange['kind']
  readonly endpoint: string
  readonly side?: 'request' | 'response'
  readonly field?: string
  readonly before?: string
  readonly after?: string
  readonly dataClasses: readonly string[]
  /** Data of a class is touched. */
  readonly sensitive: boolean
}
