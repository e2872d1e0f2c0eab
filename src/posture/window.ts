/** What is learned from, and how much of it is enough. */
export interface LearningOptions {
  /** Days that are learned from, 1 to 32; the last of them is the day of `until`. */
  readonly days: number
  /** Ms since the epoch; what came later is not looked at. */
  readonly until: number
  /** Times at least that something was seen in the window to be allowed. Programs, files and rights need be seen only once. */
  readonly minCalls: number
  /** Days at least on which it was seen. */
  readonly minDays: number
  /** Allowed whatever the support: part of the name of the other end, the endpoint or the path; `*` stands for any text. */
  readonly include: readonly string[]
  /** Not allowed, whatever the support. */
  readonly exclude: readonly string[]
}

export const defaultLearning = { days: 14, minCalls: 3, minDays: 1, include: [], exclude: [] } as const
export const maxLearningDays = 32
/** The time over which it is told what would have been denied. */
export const lookBackDays = 7

const dayMs = 86_400_000
export const dayOf = (time: number): number => Math.floor(time / dayMs)
export const dateOf = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10)
