import type { PolicyFacts } from './facts.ts'

/** What an expression comes to. */
export interface ExpressionValues {
  readonly bool: boolean
  readonly string: string
  readonly double: number
}
export type ExpressionType = keyof ExpressionValues

/**
 * A member chain that an expression reads: `request.body.items[].price` is its names, with `[]` for any element, and `[*]` for what a list
 * macro goes through, which of an object would be its names.
 */
export interface FactPath {
  readonly names: readonly string[]
  /** Offset into the expression's text. */
  readonly offset: number
}

/** A type of JSON; whole numbers are numbers. */
export type JsonType = 'string' | 'number' | 'boolean' | 'array' | 'object' | 'null'

/** A scalar that is written out in an expression. */
export interface FactLiteral {
  readonly value: string | number | boolean
  readonly offset: number
}

/** What an expression does with a value of a body. */
export interface FactUse extends FactPath {
  /** Types with which that can come to something. */
  readonly accepts: readonly JsonType[]
  /** What holds of a value of any other: `it never equals a number`. */
  readonly otherwise: string
  /** What it is compared with by `==`, `!=` or `in`. */
  readonly literals?: readonly FactLiteral[]
  /** A value of a body that it is compared with: the two must share a type. */
  readonly like?: readonly string[]
}

/** Facts, ready for expressions to read. */
export interface BoundFacts {
  readonly facts: PolicyFacts
}

/** A compiled expression over the facts of a call. */
export interface Expression<Type extends ExpressionType = 'bool'> {
  /** What it names, two levels deep: `request.payload`, `object.foreign`, `now.hour`. */
  readonly variables: ReadonlySet<string>
  readonly paths: readonly FactPath[]
  /** What it does with values of bodies, as far as that needs a type. */
  readonly uses: readonly FactUse[]
  /** Endpoints that it asks `flow` about, as written. */
  readonly predecessors: readonly string[]
  /** Known without facts: always true, always false, or undefined where it depends on them. */
  readonly constant: boolean | undefined
  /** Throws when a value is absent or of another type. */
  evaluate(bound: BoundFacts): ExpressionValues[Type]
}

export interface ExpressionFault {
  readonly message: string
  /** Offset into the expression's text. */
  readonly offset: number
  readonly mend?: string
}

export type Compiled<Type extends ExpressionType> =
  | { readonly expression: Expression<Type> }
  | { readonly fault: ExpressionFault }

/**
 * The one place that knows which implementation of CEL is in use. Expressions are checked against the fixed list of
 * facts (`PolicyFacts`), numbers are doubles, an unknown name is a fault. Never throws, and takes time linear in the text.
 */
export interface ExpressionEngine {
  compile(text: string): Compiled<'bool'>
  compile<Type extends ExpressionType>(text: string, type: Type): Compiled<Type>
  /**
   * Prepares facts once for any number of expressions that name nothing but these: roots (`request`) or their fields
   * (`request.path`). Facts are read when an expression first asks. Give the same set again for the same expressions.
   */
  bind(facts: PolicyFacts, names: ReadonlySet<string>): BoundFacts
}
