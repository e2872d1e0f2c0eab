/** What can be written in a policy: for editors. */
export interface PolicyLanguageView {
  /** JSON Schema of the document. */
  readonly schema: Readonly<Record<string, unknown>>
  /** `request.method` and its CEL type. */
  readonly facts: readonly { readonly name: string; readonly type: string }[]
  readonly functions: readonly { readonly name: string; readonly about: string }[]
  /** Ready-made policies, in shadow. */
  readonly templates: readonly {
    readonly id: string
    readonly title: string
    readonly summary: string
    readonly source: string
  }[]
}
