import type { JsonRecord } from '../../../call/field-reader.ts'

/** What an access log can say of a call. */
export type AccessField =
  | 'time'
  | 'method'
  | 'target'
  | 'line'
  | 'query'
  | 'route'
  | 'status'
  | 'ip'
  | 'port'
  | 'host'
  | 'bytes'
  | 'received'
  | 'agent'
  | 'referer'
  | 'forwarded'
  | 'user'
  | 'trace'
  | 'version'

/** Where one product writes each thing; dotted paths are nested or literal names. */
export interface AccessShape {
  /** Equal to the file's name in `access-shapes/`. */
  readonly id: string
  readonly title: string
  /** Is a record of this shape? By names that only this product uses. Never throws. */
  readonly is: (record: JsonRecord) => boolean
  /** Paths in the order they are tried. */
  readonly fields: Readonly<Partial<Record<AccessField, readonly string[]>>>
  /** How long a call took: paths, and what one of their unit is in milliseconds. */
  readonly durations: readonly (readonly [path: string, milliseconds: number])[]
  /** Paths of headers by name, each a text or a list of texts. */
  readonly requestHeaders?: readonly string[]
  readonly responseHeaders?: readonly string[]
  /** Names of fields that begin so are headers of the request: `request_User-Agent`. */
  readonly requestHeaderPrefix?: string
  /** Kind of the principal that `user` names; default `user`. */
  readonly userKind?: string
  /** Names that say more of the call and are kept under `extra`, by the name they get there; never a value of the request. */
  readonly extra?: Readonly<Record<string, readonly string[]>>
}
