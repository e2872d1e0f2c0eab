/** The kill switch: while `on`, everything passes. */
export interface BypassView {
  readonly on: boolean
  /** Policies that are set aside. */
  readonly policies: readonly string[]
  /** By the file and SALLYPORT_BYPASS, whatever is said here. */
  readonly local: { readonly all: boolean; readonly policies: readonly string[]; readonly file: string }
}
