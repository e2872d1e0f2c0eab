import type { EndpointId } from '../../kit/id.ts'

/**
 * `auth-removed-once`: an endpoint that had always asked for a credential answered without one. `endpoint-back`: one that was
 * told as gone is called again. `body-new`: a media type that the side did not have. `exposure-changed`: who can reach it.
 */
export const changeKinds = [
  'endpoint-new',
  'endpoint-gone',
  'endpoint-back',
  'auth-removed-once',
  'auth-new',
  'exposure-changed',
  'data-class-new',
  'field-new',
  'field-type-changed',
  'body-new',
  'status-new',
] as const
export type ChangeKind = (typeof changeKinds)[number]

/** One thing that is not as it was in the catalog. A plain immutable value. */
export interface CatalogChange {
  /** Of everything below but `dataClasses` and `sensitive`. */
  readonly id: string
  /** When the catalog told it, in the traffic's own time: ms since the epoch. */
  readonly time: number
  readonly kind: ChangeKind
  readonly endpoint: EndpointId
  readonly side?: 'request' | 'response'
  /** Named as in `DataField`: `query:q`, `header:x`, `items[].card`. */
  readonly field?: string
  readonly before?: string
  readonly after?: string
  /** What the field carries; of an endpoint, what it takes and answers with. Sorted. */
  readonly dataClasses: readonly string[]
  /** Data of a class is touched. */
  readonly sensitive: boolean
}
