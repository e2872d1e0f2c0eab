import type { DocumentObject } from './schema-object.ts'

/** The schemas of a document that are referred to: those that hold their own kind. The same schema stands once. */
export class SchemaComponents {
  readonly #schemas = new Map<string, DocumentObject | undefined>()
  readonly #byText = new Map<string, string>()

  /** A name of its own, after the word given. */
  reserve(word: string): string {
    const name = pascal(word)
    let candidate = name
    for (let count = 2; this.#schemas.has(candidate); count += 1) candidate = `${name}${count}`
    this.#schemas.set(candidate, undefined)
    return candidate
  }

  /** @returns A reference to the schema: under the name reserved for it, or under another that says the same. */
  settle(name: string, schema: DocumentObject): DocumentObject {
    const own = refTo(name)
    const text = JSON.stringify(schema).replaceAll(JSON.stringify(own.$ref), '"#"')
    const known = this.#byText.get(text)
    if (known !== undefined) {
      this.#schemas.delete(name)
      return refTo(known)
    }
    this.#byText.set(text, name)
    this.#schemas.set(name, schema)
    return own
  }

  /** By name. */
  objects(): DocumentObject {
    const objects: DocumentObject = {}
    for (const name of [...this.#schemas.keys()].sort()) {
      const schema = this.#schemas.get(name)
      if (schema !== undefined) objects[name] = schema
    }
    return objects
  }

  get size(): number {
    return this.#schemas.size
  }
}

const refTo = (name: string): { $ref: string } => ({ $ref: `#/components/schemas/${name}` })

const pascal = (word: string): string => {
  const words = word.split(/[^A-Za-z0-9]+/).filter(one => one !== '')
  return (
    words
      .map(one => one[0]!.toUpperCase() + one.slice(1))
      .join('')
      .slice(0, 60) || 'Body'
  )
}
