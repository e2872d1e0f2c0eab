/** Why a part of a document is there. `path` leads to it from the document's top. */
export interface ExplainedLine {
  readonly path: readonly (string | number)[]
  readonly why: string
}

/** One object to be applied, with the reasons for its parts. */
export interface Manifest {
  readonly document: ManifestDocument
  readonly lines: readonly ExplainedLine[]
  /** What is to be known before it is applied; no part of it is the place for that. */
  readonly notes: readonly string[]
}

export interface ManifestDocument {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly [field: string]: unknown
}
