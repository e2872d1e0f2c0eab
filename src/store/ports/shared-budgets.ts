/** What one request asks of one budget. */
export interface BudgetTake {
  /** Names the bucket: policy and whoever it is counted for. Kept only as a hash. */
  readonly key: string
  /** Requests (or units of cost) per window, which is the burst too. */
  readonly requests: number
  readonly windowSeconds: number
  /** Units this request uses up; 1 is a request. Above `requests` it is never admitted. */
  readonly cost: number
  /** It was used up already (what an answer cost is known behind it): taken even where it overdraws, to two windows at most. */
  readonly spent?: true
}

export interface BudgetAnswer {
  readonly admitted: boolean
  /** Milliseconds until it would be admitted; 0 when it was, infinite when it never is. */
  readonly wait: number
  /** Milliseconds by which the bucket is ahead of now with this request in it: what all together have taken. */
  readonly ahead: number
}

/**
 * Budgets that several gateways draw on together, by the arithmetic of `gcra`. All takes of a request are one call; from the first that
 * is refused on nothing is taken. Undefined where there is no answer in time: the caller's own count holds then, which is the better the more
 * it knows of what others took. Never throws.
 */
export interface SharedBudgets {
  /** @param onLate told the answers where they come after all, behind the request; at most a thousand are waited for */
  take(
    takes: readonly BudgetTake[],
    onLate?: (answers: readonly BudgetAnswer[]) => void,
  ): Promise<readonly BudgetAnswer[] | undefined>
  /** Whether they would be asked now: there is a connection, and it is not given a rest after late answers. */
  answering(): boolean
  /** `sallyport_shared_budget_total{answer="shared"|"late"|"down"|"skipped"}` by what came of the calls, and late answers that came after all. */
  counters(): Readonly<Record<string, number>>
  close(): Promise<void>
}
