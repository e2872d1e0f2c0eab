import { keptWhole } from '../../kit/snapshot.ts'
import type { FieldTable } from './field-table.ts'
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
/** Fields of objects of all kinds together. */
const maxKeys = 128
const word = /^[A-Za-z][A-Za-z0-9_.:/-]{0,63}$/

export const isVariantName = (name: string): boolean => names.has(name)

export interface Variant {
  readonly value: string
  readonly seen: number
  readonly properties: readonly string[]
  readonly required: readonly string[]
}

/** The objects of one kind. */
export interface VariantKind {
  readonly value: string
  seen: number
  /** By place in the object's table how often the field came; undefined while all objects were of this kind. */
  counts: number[] | undefined
}

/** Which properties came with which value of the field that names an object's kind. */
export class VariantFacts {
  readonly property: string
  private kinds: readonly VariantKind[] = []
  private closed = false
  private others = 0

  constructor(property: string) {
    this.property = property
  }

  /**
   * An object begins: its kind, undefined where it has none that is followed. `table` holds the fields and what was counted of
   * them before this object.
   */
  begin(object: { readonly [key: string]: unknown }, table: FieldTable): VariantKind | undefined {
    if (this.closed) return undefined
    const value = object[this.property]
    if (typeof value !== 'string' || !word.test(value)) {
      this.others += 1
      return undefined
    }
    let kind = this.kinds.find(known => known.value === value)
    if (kind === undefined) {
      if (this.kinds.length >= maxVariants) {
        this.close()
        return undefined
      }
      this.tellApart(table)
      kind = { value, seen: 0, counts: this.kinds.length === 0 ? undefined : [] }
      this.kinds = this.kinds.concat([kind])
    }
    kind.seen += 1
    return kind
  }

  /** An object of that kind has the field at that place of the table; to be told before the field counts it. */
  meet({ counts }: VariantKind, place: number): void {
    if (counts === undefined) return
    if (place >= maxKeys) {
      this.close()
      return
    }
    while (counts.length <= place) counts.push(0)
    counts[place]! += 1
  }

  /** While there is one kind its fields are counted by the fields themselves. */
  private tellApart(table: FieldTable): void {
    const [first] = this.kinds
    if (first === undefined || first.counts !== undefined) return
    if (table.size > maxKeys) this.close()
    else first.counts = table.values().map(({ seen }) => seen)
  }

  /** Too many kinds, or too many keys, to tell kinds apart. */
  private close(): void {
    this.closed = true
    this.kinds = []
  }

  /** To be called before the fields of two tables are joined. */
  settle(table: FieldTable): void {
    this.tellApart(table)
  }

  /** Adds what another saw, both settled; `mine` holds the fields of both by now. */
  absorb(other: VariantFacts, mine: FieldTable, theirs: FieldTable): void {
    if (this.closed) return
    if (other.closed || other.property !== this.property) {
      this.close()
      return
    }
    this.others += other.others
    for (const { value, seen, counts } of other.kinds) {
      let kind = this.kinds.find(known => known.value === value)
      if (kind === undefined) {
        if (this.kinds.length >= maxVariants) {
          this.close()
          return
        }
        kind = { value, seen: 0, counts: [] }
        this.kinds = this.kinds.concat([kind])
      }
      kind.seen += seen
      kind.counts ??= []
      const own = kind.counts
      for (const [place, count] of (counts ?? []).entries()) {
        if (count === 0) continue
        const at = mine.find(theirs.keyAt(place), place)
        if (at >= maxKeys) {
          this.close()
          return
        }
        if (at < 0) continue
        while (own.length <= at) own.push(0)
        own[at]! += count
      }
    }
  }

  /**
   * The kinds, where the evidence is clear: every object says its kind, each kind was seen `variantAfter` times, and each has
   * a property that it always carries and that another kind never does, or lacks one that another always carries.
   */
  variants(limits: SchemaLimits, table: FieldTable): readonly Variant[] | undefined {
    if (this.closed || this.others > 0 || this.kinds.length < 2) return undefined
    const all = [...this.kinds].sort((a, b) => (a.value < b.value ? -1 : 1))
    for (const { seen } of all) if (seen < limits.variantAfter) return undefined
    const countOf = ({ counts }: VariantKind, place: number): number => counts?.[place] ?? 0
    const marks = (a: VariantKind, b: VariantKind): boolean => {
      for (let place = 0; place < table.size; place += 1)
        if (countOf(a, place) === a.seen && countOf(b, place) === 0) return true
      return false
    }
    for (const kind of all)
      if (!all.some(other => other !== kind && (marks(kind, other) || marks(other, kind)))) return undefined
    return all.map(kind => {
      const { value, seen } = kind
      const properties = table.keys().filter((_, place) => countOf(kind, place) > 0)
      return {
        value,
        seen,
        properties: [...properties].sort(),
        required: properties
          .filter(
            key =>
              key === this.property ||
              (countOf(kind, table.find(key)) === seen && seen >= limits.requiredAfter),
          )
          .sort(),
      }
    })
  }

  static {
    keptWhole(VariantFacts, 'catalog/variant-facts', 1)
  }
}
