/** A learned schema, JSON-Schema-shaped: what a field was seen to be. */
export interface SchemaNode {
  readonly type: string | readonly string[]
  readonly format?: string
  readonly dataClass?: string
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly required?: readonly string[]
  readonly items?: SchemaNode
  readonly enum?: readonly (string | number | boolean | null)[]
  /** How many values this rests on. */
  readonly seen: number
}
