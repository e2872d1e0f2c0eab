import type { Json } from '../../call/content.ts'
import { isMask } from '../../call/mask.ts'
import { Neighbours } from '../data-classes/registry/neighbours.ts'
import { FieldEvidence } from './field-evidence.ts'
import { isMapKey } from './map-key.ts'
import type { SchemaScope } from './schema-limits.ts'
import { TextFacts } from './text-facts.ts'
import { isVariantName, VariantFacts } from './variant-facts.ts'

/** Keys at which an object is looked at as a possible map, and at every doubling. */
const mapFrom = 8
/** Objects before keys that hardly repeat say anything. */
const mapObjects = 4
/** Keys in all, and the share of them that came once, from which an object is a map. */
const mapKeys = 16
const mapShare = 0.6
/** The longest number that stands for itself when written as text. */
const maxDigits = 15

type JsonObject = { readonly [key: string]: Json }

/** What one place in a body was seen to hold. Mutable; `nodeSchema` gives the immutable picture. */
export class FieldNode {
  /** Values, and bodies with at least one. */
  seen = 0
  bodies = 0
  #body = -1
  nulls = 0
  booleans = 0
  integers = 0
  numbers = 0
  strings = 0
  /** Strings that stand in a secret's place: what type the secret had is not known. */
  masked = 0
  objects = 0
  arrays = 0
  low = Number.POSITIVE_INFINITY
  high = Number.NEGATIVE_INFINITY
  text: TextFacts | undefined
  properties: Map<string, FieldNode> | undefined
  /** What stands under the keys of a map. */
  values: FieldNode | undefined
  /** True once an object's keys turned out to be values: from then on all of them are. */
  isMap = false
  variants: VariantFacts | undefined
  items: FieldNode | undefined
  evidence: FieldEvidence | undefined
  /** Names of the fields beside this one. */
  siblings: Neighbours | undefined
  /** Names of the fields of its objects. */
  #family: Neighbours | undefined

  /** Takes in a value found here. `name` is the key it stands under (an array's elements inherit the array's). */
  learn(value: Json, name: string, depth: number, scope: SchemaScope): void {
    this.#count(scope)
    if (value === null) {
      this.nulls += 1
      return
    }
    switch (typeof value) {
      case 'boolean':
        this.booleans += 1
        return
      case 'number':
        this.#learnNumber(value)
        if (this.evidence === undefined) this.evidence = new FieldEvidence(name, this.siblings, scope.classes)
        this.evidence.addNumber(value)
        return
      case 'string':
        this.#learnString(value, name, scope)
        return
      default:
        if (Array.isArray(value)) this.#learnArray(value as readonly Json[], name, depth, scope)
        else this.#learnObject(value as JsonObject, name, depth, scope)
    }
  }

  /** Takes in a value of a wire form that knows only text (a path, a query, a form): `7` is an integer, `true` a boolean. */
  learnText(value: Json, name: string, depth: number, scope: SchemaScope): void {
    if (typeof value !== 'string') {
      if (Array.isArray(value)) {
        this.#count(scope)
        this.arrays += 1
        const items = this.#room('items', scope)
        if (items === undefined) return
        for (const index of spread(value.length, scope))
          items.learnText(value[index] as Json, name, depth + 1, scope)
      } else this.learn(value, name, depth, scope)
      return
    }
    const number = numberOf(value)
    if (number === undefined && value !== 'true' && value !== 'false') {
      this.#count(scope)
      this.#learnString(value, name, scope)
      return
    }
    this.#count(scope)
    if (this.evidence === undefined) this.evidence = new FieldEvidence(name, this.siblings, scope.classes)
    this.evidence.add(value)
    if (number === undefined) this.booleans += 1
    else this.#learnNumber(number)
  }

  /** Takes in a form: an object whose values are text. */
  learnForm(form: JsonObject, scope: SchemaScope): void {
    this.#count(scope)
    this.objects += 1
    if (this.properties === undefined) this.properties = new Map()
    for (const key in form) {
      let child = this.properties.get(key)
      if (child === undefined) {
        if (key.length > scope.limits.nameLength) {
          scope.skippedFields += 1
          continue
        }
        if (!scope.reserve()) continue
        child = this.#bear(key, scope)
        this.properties.set(key, child)
      }
      child.learnText(form[key]!, key, 1, scope)
    }
  }

  #count(scope: SchemaScope): void {
    this.seen += 1
    if (this.#body === scope.body) return
    this.#body = scope.body
    this.bodies += 1
  }

  #learnNumber(value: number): void {
    if (Number.isInteger(value)) this.integers += 1
    else this.numbers += 1
    if (value < this.low) this.low = value
    if (value > this.high) this.high = value
  }

  #learnString(value: string, name: string, scope: SchemaScope): void {
    this.strings += 1
    if (this.evidence === undefined) this.evidence = new FieldEvidence(name, this.siblings, scope.classes)
    this.evidence.add(value)
    if (value.charCodeAt(0) === 91 && isMask(value)) {
      this.masked += 1
      return
    }
    if (this.text === undefined) this.text = new TextFacts()
    this.text.add(value)
  }

  #learnArray(value: readonly Json[], name: string, depth: number, scope: SchemaScope): void {
    this.arrays += 1
    if (value.length === 0) return
    if (depth >= scope.limits.depth) {
      scope.skippedDepth += 1
      return
    }
    const items = this.#room('items', scope)
    if (items === undefined) return
    for (const index of spread(value.length, scope)) items.learn(value[index]!, name, depth + 1, scope)
  }

  #learnObject(object: JsonObject, name: string, depth: number, scope: SchemaScope): void {
    this.objects += 1
    if (depth >= scope.limits.depth) {
      scope.skippedDepth += 1
      return
    }
    if (this.properties === undefined) this.properties = new Map()
    if (!this.isMap && isPowerOfTwo(this.objects) && this.#looksLikeMap()) this.#fold(scope)
    for (const key in object) {
      const child = this.isMap ? undefined : this.properties.get(key)
      if (child !== undefined) child.learn(object[key]!, key, depth + 1, scope)
      else if (this.isMap || isMapKey(key))
        this.#room('values', scope)?.learn(object[key]!, name, depth + 1, scope)
      else this.#addProperty(key, object[key]!, depth, scope)
    }
    this.variants?.learn(object)
  }

  #addProperty(key: string, value: Json, depth: number, scope: SchemaScope): void {
    const properties = this.properties!
    if (key.length > scope.limits.nameLength) {
      scope.skippedFields += 1
      return
    }
    // Without room the size stays what it is, and the question would come at every key.
    if (scope.fields < scope.limits.fields && isPowerOfTwo(properties.size) && this.#looksLikeMap()) {
      this.#fold(scope)
      this.values?.learn(value, '', depth + 1, scope)
      return
    }
    if (!scope.reserve()) return
    const child = this.#bear(key, scope)
    properties.set(key, child)
    child.learn(value, key, depth + 1, scope)
    // Only from the first object on: kinds that were not counted from the start say nothing.
    if (this.objects === 1 && this.variants === undefined && typeof value === 'string' && isVariantName(key))
      this.variants = new VariantFacts(key)
  }

  /** A node for a field of its objects. */
  #bear(key: string, scope: SchemaScope): FieldNode {
    const child = new FieldNode()
    this.#welcome(key, child, scope)
    return child
  }

  #welcome(key: string, child: FieldNode, scope: SchemaScope): void {
    this.#family ??= new Neighbours()
    this.#family.add(scope.classes.planFor(key))
    child.join(this.#family)
  }

  /** Takes its place among siblings: their names say what its values may be. */
  join(siblings: Neighbours): void {
    this.siblings = siblings
    if (this.evidence !== undefined) this.evidence.neighbours = siblings
    this.items?.join(siblings)
  }

  /**
   * Many keys that hardly ever come again and hold the same kind of thing are values, not names: by Good and Turing's
   * estimate the next key is more likely a new one than one seen before.
   */
  #looksLikeMap(): boolean {
    if (this.objects < mapObjects || this.properties!.size < mapFrom) return false
    let singles = 0
    let keys = 0
    let kinds = 0
    for (const child of this.properties!.values()) {
      if (child.seen > this.objects * 0.4) return false
      if (child.seen === 1) singles += 1
      keys += child.seen
      kinds |= kindOf(child)
    }
    return keys >= mapKeys && singles >= keys * mapShare && (kinds & (kinds - 1)) === 0
  }

  #fold(scope: SchemaScope): void {
    this.isMap = true
    this.variants = undefined
    const children = [...(this.properties?.values() ?? [])]
    this.properties = new Map()
    for (const child of children) {
      scope.fields -= child.size()
      if (this.values === undefined) this.values = this.#room('values', scope)
      this.values?.absorb(child, scope)
    }
  }

  #room(place: 'items' | 'values', scope: SchemaScope): FieldNode | undefined {
    const node = this[place]
    if (node !== undefined || !scope.reserve()) return node
    const fresh = new FieldNode()
    if (place === 'items' && this.siblings !== undefined) fresh.join(this.siblings)
    this[place] = fresh
    return fresh
  }

  /** Adds what another node saw of the same place; the other is not used after this. */
  absorb(other: FieldNode, scope: SchemaScope): void {
    this.seen += other.seen
    this.bodies += other.bodies
    this.nulls += other.nulls
    this.booleans += other.booleans
    this.integers += other.integers
    this.numbers += other.numbers
    this.strings += other.strings
    this.masked += other.masked
    const { objects } = this
    this.objects += other.objects
    this.arrays += other.arrays
    this.low = Math.min(this.low, other.low)
    this.high = Math.max(this.high, other.high)
    if (this.text === undefined) this.text = other.text
    else if (other.text !== undefined) this.text.absorb(other.text)
    if (this.evidence === undefined) this.evidence = other.evidence
    else if (other.evidence !== undefined) this.evidence.absorb(other.evidence)
    this.#absorbVariants(other, objects)
    this.items = adopt(this.items, other.items, scope)
    if (other.properties === undefined && other.values === undefined) return
    if (other.isMap && !this.isMap) this.#fold(scope)
    this.values = adopt(this.values, other.values, scope)
    if (this.properties === undefined) this.properties = new Map()
    for (const [key, child] of other.properties ?? []) {
      if (this.isMap) {
        this.values = adopt(this.values, child, scope)
        continue
      }
      const adopted = adopt(this.properties.get(key), child, scope)
      if (adopted === undefined) continue
      if (adopted === child) this.#welcome(key, child, scope)
      this.properties.set(key, adopted)
    }
  }

  #absorbVariants(other: FieldNode, objectsBefore: number): void {
    if (other.objects === 0) return
    if (objectsBefore === 0) this.variants = other.variants
    else if (other.variants === undefined) this.variants = undefined
    else this.variants?.absorb(other.variants)
  }

  /** Nodes from here down. */
  size(): number {
    let size = 1 + (this.items?.size() ?? 0) + (this.values?.size() ?? 0)
    for (const child of this.properties?.values() ?? []) size += child.size()
    return size
  }
}

/** Joins two nodes of a place; a node that was not there before needs room. */
function adopt(
  mine: FieldNode | undefined,
  other: FieldNode | undefined,
  scope: SchemaScope,
): FieldNode | undefined {
  if (other === undefined) return mine
  if (mine !== undefined) {
    mine.absorb(other, scope)
    return mine
  }
  const size = other.size()
  if (scope.fields + size > scope.limits.fields) {
    scope.skippedFields += size
    return undefined
  }
  scope.fields += size
  return other
}

/** Which elements of an array are looked at: all of a short one; of a long one some from its whole length, others each time. */
function spread(length: number, { limits, body }: SchemaScope): readonly number[] {
  const count = Math.min(length, limits.elements)
  const indexes: number[] = []
  const step = length / count
  const offset = count === length ? 0 : body % Math.floor(step)
  for (let index = 0; index < count; index += 1) indexes.push(Math.floor(index * step) + offset)
  return indexes
}

const isPowerOfTwo = (count: number): boolean => (count & (count - 1)) === 0

/** One bit for each kind of value met; `null` says nothing. */
const kindOf = (node: FieldNode): number =>
  (node.objects > 0 ? 1 : 0) |
  (node.arrays > 0 ? 2 : 0) |
  (node.strings > 0 ? 4 : 0) |
  (node.numbers + node.integers > 0 ? 8 : 0) |
  (node.booleans > 0 ? 16 : 0)

const decimal = /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?$/

/** The number that a text is the usual writing of. `007` and `1e5` are text. */
function numberOf(text: string): number | undefined {
  if (text.length === 0 || text.length > maxDigits + 16) return undefined
  const first = text.charCodeAt(0)
  if (first !== 45 && (first < 48 || first > 57)) return undefined
  return decimal.test(text) ? Number(text) : undefined
}
