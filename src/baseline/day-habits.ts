import type { EndpointId } from '../kit/id.ts'

/** What one day of a principal came to. */
export interface Day {
  readonly calls: number
  /** Different ones. */
  readonly endpoints: number
  /** Hours with calls, UTC, ascending. */
  readonly hours: readonly number[]
  /** Of answers. */
  readonly bytes: number
}

export interface Deviation {
  readonly what: 'calls' | 'endpoints' | 'bytes' | 'hours'
  readonly text: string
  readonly value: number
  readonly usual: number
}

/** An object that a call was about. */
export interface Touched {
  readonly object: string
  readonly endpoint: EndpointId
  readonly time: number
  readonly refused: boolean
}

/** What a principal usually does in a day, against today. */
export interface DayHabits {
  readonly normal?: {
    readonly callsPerDay: number
    readonly endpoints: number
    readonly hours: readonly number[]
    readonly bytes: number
    readonly days: number
  }
  readonly today: Day & { readonly date: string }
  readonly deviations: readonly Deviation[]
  readonly objects: readonly Touched[]
}
