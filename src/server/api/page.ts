/** A page of a list. `cursor` asks for the next one; absent on the last. */
export interface PageView<Item> {
  readonly items: readonly Item[]
  readonly cursor?: string
}
