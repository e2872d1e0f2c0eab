import type { DescriptorSet } from '../../call/protocols/grpc/descriptor-set.ts'
import type { SpecificationLabels } from '../ownership/labeller.ts'
import type { GraphqlSchema } from './graphql/graphql-schema.ts'
import type { SpecSchema } from './schema.ts'

/** Where an operation is served. Without a host (a relative server) it may be any. */
export interface SpecServer {
  /** Lower case, without a default port; `*` stands for one or more labels (`*.example.com`). */
  readonly host?: string
  /** `` or `/v1`: begins with a slash, ends without. */
  readonly basePath: string
}

export interface SpecParameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header' | 'cookie'
  readonly required: boolean
  readonly schema: SpecSchema
  /** Query objects whose properties stand as parameters of their own (`style: form`, exploded). */
  readonly spread: boolean
  /** True where the value is a serialised document: only its name is compared. */
  readonly opaque: boolean
  readonly deprecated?: boolean
}

export interface SpecBody {
  readonly required: boolean
  /** By media type or range, lower case, without parameters. Undefined schema: nothing said. */
  readonly media: ReadonlyMap<string, SpecSchema | undefined>
}

export type SpecScheme = 'basic' | 'bearer' | 'api-key' | 'mtls' | 'other'

export interface SpecSecurity {
  readonly name: string
  readonly scheme: SpecScheme
  /** `header:x-key`, `query:key`, `cookie:sid` of an API key. */
  readonly at?: string
}

export interface SpecOperation {
  /** Absent of plain HTTP. The path of an operation of GraphQL is `#query:orders`: a schema does not say where it is served. */
  readonly protocol?: 'graphql' | 'grpc'
  /** Upper case. */
  readonly method: string
  /** As in the document, without a base path. */
  readonly path: string
  readonly servers: readonly SpecServer[]
  readonly parameters: readonly SpecParameter[]
  readonly body?: SpecBody
  /** True where the format says everything about parameters and bodies; recorded examples (Postman) do not. */
  readonly exhaustive: boolean
  /** By status code, range (`2xx`) or `default`, lower case. */
  readonly responses: ReadonlyMap<string, SpecBody>
  /** Alternatives, each a set of schemes all needed; empty: no credential needed. An empty alternative makes it optional. */
  readonly security: readonly (readonly SpecSecurity[])[]
  readonly deprecated: boolean
  /** Milliseconds since the epoch. */
  readonly sunset?: number
  readonly tags?: readonly string[]
  /** Who answers for it, as its extensions say. */
  readonly labels?: SpecificationLabels
}

/** What one document promises. */
export interface Specification {
  /** Id of the format it was read as: `openapi`, `swagger`, `postman`, … */
  readonly format: string
  readonly file: string
  readonly title: string
  readonly version: string
  readonly servers: readonly SpecServer[]
  readonly operations: readonly SpecOperation[]
  /** The whole of what a GraphQL schema, or a protobuf descriptor set, declares. */
  readonly graphql?: GraphqlSchema
  readonly descriptors?: DescriptorSet
}

/** Something wrong with a specification; with an error there is no specification to use. */
export interface SpecProblem {
  readonly severity: 'error' | 'warning'
  readonly file: string
  /** 1-based, where the source allows it. */
  readonly line?: number
  readonly column?: number
  /** JSON pointer within the document. */
  readonly pointer?: string
  readonly message: string
}

/** `file:line:column: message`, or with the pointer where no line is known. */
export function formatSpecProblem(problem: SpecProblem): string {
  const { file, line, column, pointer, message } = problem
  const where =
    line === undefined
      ? `${file}${pointer === undefined ? '' : `#${pointer}`}`
      : `${file}:${line}:${column ?? 1}`
  return `${where}: ${problem.severity}: ${message}`
}
