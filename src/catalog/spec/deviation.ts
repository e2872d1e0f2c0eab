/** One way in which a call differs from what its specification says. */
export interface Deviation {
  readonly kind: 'undocumented' | 'type' | 'value' | 'missing' | 'deprecated'
  readonly side: 'request' | 'response'
  /**
   * `query:q`, `header:x-a`, `path:id`, `field:Order.total` and `argument:Query.orders.limit` of GraphQL, or a path in the body:
   * `items[].card`; `$` is the body itself.
   */
  readonly subject: string
  readonly expected: string
  /** What was there instead, by its kind: never a value of the traffic. */
  readonly observed: string
}

/** Bounds of what is looked at in one call; what lies beyond is not judged. */
export interface JudgeLimits {
  /** Places of one body. */
  readonly places: number
  readonly depth: number
  /** Elements of one list. */
  readonly elements: number
  /** Deviations of one call. */
  readonly deviations: number
}

export const defaultJudgeLimits: JudgeLimits = { places: 2_000, depth: 32, elements: 50, deviations: 64 }
