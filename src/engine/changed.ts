/** Tells a value only when it is another than the one told last. */
export class Changed<Value> {
  #told: string | undefined

  /** The value, or undefined where it was told already. */
  told(value: Value): Value | undefined {
    const text = JSON.stringify(value)
    if (text === this.#told) return undefined
    this.#told = text
    return value
  }
}
