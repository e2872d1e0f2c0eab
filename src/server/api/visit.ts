/** When a user looked at a page. */
export interface VisitView {
  readonly page: string
  readonly at: string
  /** When the same user was there before. */
  readonly before?: string
}
