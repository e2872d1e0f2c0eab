/** A day of a principal: of `normal` the median of its earlier days with calls. */
export interface DayView {
  readonly calls: number
  readonly endpoints: number
  /** Hours of the day with calls, UTC, 0 to 23, ascending. Of `normal` those of at least a fifth of its days. */
  readonly hours: readonly number[]
  /** Of answers. */
  readonly bytes: number
}

/** What a principal usually does in a day, and what it does today. */
export interface HabitsView {
  /** Absent before three days with calls. */
  readonly normal?: {
    readonly callsPerDay: number
    readonly endpoints: number
    readonly hours: readonly number[]
    readonly bytes: number
    /** Days it rests on, at most 14. */
    readonly days: number
  }
  /** The day, UTC, of the newest call that analysis has seen of anybody. */
  readonly today: DayView & { readonly date: string }
  /** Where today is more than three times the usual, or at hours it was never active at. */
  readonly deviations: readonly {
    readonly what: 'calls' | 'endpoints' | 'bytes' | 'hours'
    /** One sentence. */
    readonly text: string
    readonly value: number
    readonly usual: number
  }[]
  /** Objects that answers were about, `invoice:7`, newest first, at most 20. */
  readonly objects: readonly {
    readonly object: string
    readonly endpoint: string
    readonly time: string
    readonly refused: boolean
  }[]
}
