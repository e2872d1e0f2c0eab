import type { SchemaNode } from './schema-node.ts'

/** A body of one media type. */
export interface LearnedBody {
  /** Lower case, without parameters: `application/json`. */
  readonly mediaType: string
  /** Bodies learned from. */
  readonly seen: number
  /** Absent where the body is text or bytes without a structure that is read. */
  readonly schema?: SchemaNode
  readonly binary?: boolean
  /** Of XML the name of the document's element, where all bodies have the same; `schema` is what stands in it. */
  readonly root?: string
}

export interface LearnedParameter {
  readonly in: 'path' | 'query' | 'header'
  readonly name: string
  /** Always true of the path; elsewhere, that no request came without it. */
  readonly required: boolean
  readonly schema: SchemaNode
}

/** How callers proved who they are: the scheme and where the credential stood (`header:authorization`, `cookie:sid`). */
export interface LearnedCredential {
  readonly scheme: string
  readonly at: string
}

/** Everything learned about what goes in and comes out of an operation, in full. */
export interface LearnedMessages {
  /** By place, then name. */
  readonly parameters: readonly LearnedParameter[]
  /** The most used media type first. */
  readonly requests: readonly LearnedBody[]
  /** No successful request came without a body. */
  readonly requestRequired: boolean
  /** Per status class and media type; `statuses` are those that came with such a body. */
  readonly responses: readonly (LearnedBody & {
    readonly group: string
    readonly statuses: readonly number[]
  })[]
  readonly credentials: readonly LearnedCredential[]
  /** How often what was learned was forgotten for want of room; above 0 what is new here may only be new again. */
  readonly forgotten?: number
}
