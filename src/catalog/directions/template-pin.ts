/**
 * A person's word on how paths are read, kept until it is taken back. Each segment of `template` is fixed: a literal stays a
 * literal beside any placeholder, `{name}` takes every value that no pinned literal takes. It holds for that place and says nothing
 * of what is further down, so that merging `/sync/{feed}` once merges every path below. A merge pins a placeholder, a split a literal.
 */
export interface TemplatePin {
  readonly id: string
  /** A host as calls name it, a host pattern such as `{tenant}.example.com`, or `*` for every host. */
  readonly host: string
  readonly template: string
}
