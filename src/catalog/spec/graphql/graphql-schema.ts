export type RootKind = 'query' | 'mutation' | 'subscription'

/** A type as it is written: `[Order!]!`. */
export type TypeRef =
  | { readonly kind: 'named'; readonly name: string; readonly required: boolean }
  | { readonly kind: 'list'; readonly of: TypeRef; readonly required: boolean }

/** A field of an object, an argument, or a field of an input object. */
export interface GraphqlField {
  readonly name: string
  readonly type: TypeRef
  /** Empty of arguments and of fields of input objects. */
  readonly args: ReadonlyMap<string, GraphqlField>
  readonly hasDefault: boolean
  /** The reason given; absent where it is not deprecated. */
  readonly deprecated?: string
}

export interface GraphqlType {
  readonly kind: 'object' | 'interface' | 'union' | 'enum' | 'input' | 'scalar'
  readonly name: string
  readonly fields: ReadonlyMap<string, GraphqlField>
  /** Of a union. */
  readonly members: readonly string[]
  /** Of objects and interfaces. */
  readonly interfaces: readonly string[]
  /** Of an enumeration, each with the reason where it is deprecated. */
  readonly values: ReadonlyMap<string, string | undefined>
}

/** What a schema document declares (GraphQL, October 2021, section 3). */
export interface GraphqlSchema {
  readonly types: ReadonlyMap<string, GraphqlType>
  /** The name of each root operation type. */
  readonly roots: ReadonlyMap<RootKind, string>
}

export const rootKinds: readonly RootKind[] = ['query', 'mutation', 'subscription']

/** The type without lists and exclamation marks. */
export function namedType(type: TypeRef): string {
  let at = type
  while (at.kind === 'list') at = at.of
  return at.name
}

/** As it is written. */
export function typeText(type: TypeRef): string {
  const inner = type.kind === 'list' ? `[${typeText(type.of)}]` : type.name
  return type.required ? `${inner}!` : inner
}
