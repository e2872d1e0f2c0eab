/** A learned schema, JSON-Schema-shaped: what a field was seen to be. */
export interface SchemaNode {
  /** Empty where only places were seen that were not looked into. */
  readonly type: string | readonly string[]
  readonly format?: string
  readonly dataClass?: string
  /** The class that the field had until its values spoke against it; absent where it has one. */
  readonly formerDataClass?: string
  /** The class of which the field holds nothing but published examples. */
  readonly testData?: string
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly required?: readonly string[]
  /** Of a map: what stands under its keys. `false`: no other property came in a thousand objects and three days. */
  readonly additionalProperties?: SchemaNode | false
  readonly items?: SchemaNode
  /**
   * The objects here are of the kind found that many schemas above, and were learned there: each step into `properties`, `items` or
   * `additionalProperties` is one schema, so the elements of a comment's `replies` carry 2. Such a node has no `properties`.
   */
  readonly recursesTo?: number
  readonly enum?: readonly (string | number | boolean | null)[]
  /** Claimed only after hundreds of values, and wider than what was seen. */
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  /** The shapes of a polymorphic object, told apart by the value of one property. */
  readonly variants?: SchemaVariants
  /** How many values this rests on. */
  readonly seen: number
  /** Of a whole body: 1 − the chance, by Good and Turing's estimate, that the next one has a field not seen before. */
  readonly confidence?: number
  /** Of a whole body: fields that were met beyond the bounds and are not in here. */
  readonly skipped?: number
}

export interface SchemaVariants {
  readonly property: string
  readonly of: readonly {
    readonly value: string
    readonly seen: number
    readonly properties: readonly string[]
    readonly required: readonly string[]
  }[]
}
