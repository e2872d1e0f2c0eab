import type { SchemaLimits } from './schema-limits.ts'

/** Names under which APIs say which of several shapes an object has. */
const names = new Set([
  'type',
  'kind',
  'object',
  'event',
  'eventType',
  'event_type',
  'resourceType',
  'resource_type',
  'objectType',
  'object_type',
  '@type',
  '$type',
  '__typename',
])
const maxVariants = 16
const maxKeys = 64
const word = /^[A-Za-z][A-Za-z0-9_.:/-]{0,63}$/

export const isVariantName = (name: string): boolean => names.has(name)

export interface Variant {
  readonly value: string
  readonly seen: number
  readonly properties: readonly string[]
  readonly required: readonly string[]
}

/** Which properties came with which value of the field that names an object's kind. */
export class VariantFacts {
  readonly property: string
  readonly #variants = new Map<string, { seen: number; readonly keys: Map<string, number> }>()
  #closed = false
  #others = 0

  constructor(property: string) {
    this.property = property
  }

  learn(object: { readonly [key: string]: unknown }): void {
    if (this.#closed) return
    const value = object[this.property]
    if (typeof value !== 'string' || !word.test(value)) {
      this.#others += 1
      return
    }
    let variant = this.#variants.get(value)
    if (variant === undefined) {
      if (this.#variants.size >= maxVariants) {
        this.#close()
        return
      }
      variant = { seen: 0, keys: new Map() }
      this.#variants.set(value, variant)
    }
    variant.seen += 1
    for (const key in object) {
      const count = variant.keys.get(key)
      if (count !== undefined) variant.keys.set(key, count + 1)
      else if (variant.keys.size < maxKeys) variant.keys.set(key, 1)
      else {
        this.#close()
        return
      }
    }
  }

  /** Too many kinds, or too many keys, to tell kinds apart. */
  #close(): void {
    this.#closed = true
    this.#variants.clear()
  }

  absorb(other: VariantFacts): void {
    if (this.#closed) return
    if (other.#closed || other.property !== this.property) {
      this.#close()
      return
    }
    this.#others += other.#others
    for (const [value, theirs] of other.#variants) {
      const mine = this.#variants.get(value)
      if (mine === undefined) {
        if (this.#variants.size >= maxVariants) {
          this.#close()
          return
        }
        this.#variants.set(value, { seen: theirs.seen, keys: new Map(theirs.keys) })
        continue
      }
      mine.seen += theirs.seen
      for (const [key, count] of theirs.keys)
        if (mine.keys.has(key) || mine.keys.size < maxKeys)
          mine.keys.set(key, (mine.keys.get(key) ?? 0) + count)
    }
  }

  /**
   * The kinds, where the evidence is clear: every object says its kind, each kind was seen `variantAfter` times, and each has
   * a property that it always carries and that another kind never does, or lacks one that another always carries.
   */
  variants(limits: SchemaLimits): readonly Variant[] | undefined {
    if (this.#closed || this.#others > 0 || this.#variants.size < 2) return undefined
    const all = [...this.#variants].sort(([a], [b]) => (a < b ? -1 : 1))
    for (const [, { seen }] of all) if (seen < limits.variantAfter) return undefined
    for (const [value, { seen, keys }] of all) {
      const marked = all.some(
        ([other, theirs]) =>
          other !== value &&
          ([...keys].some(([key, count]) => count === seen && !theirs.keys.has(key)) ||
            [...theirs.keys].some(([key, count]) => count === theirs.seen && !keys.has(key))),
      )
      if (!marked) return undefined
    }
    return all.map(([value, { seen, keys }]) => ({
      value,
      seen,
      properties: [...keys.keys()].sort(),
      required: [...keys]
        .filter(([key, count]) => key === this.property || (count === seen && seen >= limits.requiredAfter))
        .map(([key]) => key)
        .sort(),
    }))
  }
}
