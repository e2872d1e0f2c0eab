/** A pin of a template. `by` begins with `file:` where it stands in the catalog file: only there it can be taken out. */
export interface PinView {
  readonly id: string
  readonly host: string
  readonly template: string
  readonly at: string
  readonly by: string
}
