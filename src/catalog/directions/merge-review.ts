/** A place in the tree of paths where words were taken for values, or might have been, with the evidence: for people to judge. */
export interface MergeReview {
  /** Stable: host and place. */
  readonly id: string
  readonly host: string
  /** `merged`: values by evidence; `apart`: words that are kept as literals although much speaks for values; `pinned`: by a person's word. */
  readonly state: 'merged' | 'apart' | 'pinned'
  /** The place's template as it is, or as it would be when merged. */
  readonly template: string
  /** Some of the words, as they were in paths, at most 12; for `apart` those that would become values. */
  readonly words: readonly string[]
  /** How many words there are, as far as remembered. */
  readonly count: number
  readonly methods: readonly string[]
  readonly calls: number
  /** What spoke for values (positive) or against, in nats. */
  readonly evidence: readonly { readonly term: string; readonly nats: number; readonly why: string }[]
  readonly nats: number
  /** Nats at which words become values. */
  readonly threshold: number
  /** Where `apart`: the word had been a value, until its calls showed an operation of its own; the evidence is for that. */
  readonly held?: 'answers'
  /** Where pinned: by which pin. */
  readonly pin?: string
}
