import type { PayloadHit, PayloadKind } from '../grammar.ts'

/** What is hostile only where it stands: a name of a file that is uploaded, the agent that a scanner gives itself. */
export interface PlacedRule {
  readonly kind: PayloadKind
  /** Where, in words. */
  readonly place: string
  /** Linear in the value's length. */
  inspect(value: string): PayloadHit | undefined
  readonly examples: { readonly hits: readonly string[]; readonly misses: readonly string[] }
}
