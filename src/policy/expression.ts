import type { PolicyFacts } from './facts.ts'

/** A compiled condition over the facts of a call. */
export interface Expression {
  /** What it names, two levels deep: `request.payload`, `object.foreign`, `now.hour`. */
  readonly variables: ReadonlySet<string>
  /** Known without facts: always true, always false, or undefined where it depends on them. */
  readonly constant: boolean | undefined
  /** Throws what the engine throws when a value is absent or of another type. */
  evaluate(facts: object): boolean
}

export interface ExpressionFault {
  readonly message: string
  /** Offset into the expression's text. */
  readonly offset: number
  readonly mend?: string
}

/**
 * The one place that knows which implementation of CEL is in use. Expressions are checked against the fixed list of
 * facts (`PolicyFacts`), numbers are doubles, an unknown name is a fault.
 */
export interface ExpressionEngine {
  compile(text: string): { readonly expression: Expression } | { readonly fault: ExpressionFault }
  /** Prepares facts once for any number of expressions that read nothing but these roots (`request`, `object`, …). */
  bind(facts: PolicyFacts, roots: ReadonlySet<string>): object
}
