import type { Json } from '../../call/content.ts'
import type { SchemaNode } from '../schema-node.ts'
import { FieldEvidence } from './field-evidence.ts'
import { formatOf } from './field-format.ts'

/** Bounds of one learned body; what lies beyond is not learned. */
export interface SchemaLimits {
  /** Field nodes per body. */
  readonly fields: number
  readonly depth: number
  /** Elements of an array that are looked at. */
  readonly elements: number
  /** Calls before a field that was always there is called required. */
  readonly requiredAfter: number
  /** Values before a small set of words is called an enumeration. */
  readonly enumAfter: number
}

export const defaultSchemaLimits: SchemaLimits = {
  fields: 500,
  depth: 12,
  elements: 8,
  requiredAfter: 20,
  enumAfter: 100,
}

/** Shared by the nodes of one body: how many there are, and the limits. */
export interface SchemaScope {
  readonly limits: SchemaLimits
  fields: number
}

const maxEnum = 20
const enumWord = /^[A-Za-z][A-Za-z0-9_.-]{0,31}$/

/** What one place in a body was seen to hold. Mutable; `toSchema` gives the immutable picture. */
export class FieldNode {
  seen = 0
  nulls = 0
  booleans = 0
  integers = 0
  numbers = 0
  strings = 0
  objects = 0
  arrays = 0
  format: string | undefined
  properties: Map<string, FieldNode> | undefined
  items: FieldNode | undefined
  evidence: FieldEvidence | undefined
  /** Words seen, until they are too many or do not look like words of a fixed set. */
  words: Map<string, number> | undefined = new Map()

  /** Takes in a value found here. `name` is the key it stands under (an array's elements inherit the array's). */
  learn(value: Json, name: string, depth: number, scope: SchemaScope): void {
    this.seen += 1
    if (value === null) {
      this.nulls += 1
      return
    }
    switch (typeof value) {
      case 'boolean':
        this.booleans += 1
        return
      case 'number':
        if (Number.isInteger(value)) this.integers += 1
        else this.numbers += 1
        if (this.evidence === undefined) this.evidence = new FieldEvidence(name)
        this.evidence.addNumber(value)
        return
      case 'string':
        this.#learnString(value, name)
        return
      default:
        if (depth < scope.limits.depth)
          this.#learnNested(value as readonly Json[] | { readonly [key: string]: Json }, name, depth, scope)
    }
  }

  #learnString(value: string, name: string): void {
    this.strings += 1
    if (this.evidence === undefined) this.evidence = new FieldEvidence(name)
    this.evidence.add(value)
    if (this.format !== 'none') {
      const format = formatOf(value)
      if (this.format === undefined) this.format = format
      else if (this.format !== format) this.format = 'none'
    }
    const words = this.words
    if (words === undefined) return
    const count = words.get(value)
    if (count !== undefined) words.set(value, count + 1)
    else if (words.size >= maxEnum || !enumWord.test(value)) this.words = undefined
    else words.set(value, 1)
  }

  #learnNested(
    value: readonly Json[] | { readonly [key: string]: Json },
    name: string,
    depth: number,
    scope: SchemaScope,
  ): void {
    if (Array.isArray(value)) {
      this.arrays += 1
      const count = Math.min(value.length, scope.limits.elements)
      if (count === 0) return
      if (this.items === undefined) {
        if (scope.fields >= scope.limits.fields) return
        scope.fields += 1
        this.items = new FieldNode()
      }
      for (let index = 0; index < count; index += 1)
        this.items.learn(value[index] as Json, name, depth + 1, scope)
      return
    }
    this.objects += 1
    const object = value as { readonly [key: string]: Json }
    if (this.properties === undefined) this.properties = new Map()
    for (const key in object) {
      let child = this.properties.get(key)
      if (child === undefined) {
        if (scope.fields >= scope.limits.fields || key.length > 128) continue
        scope.fields += 1
        child = new FieldNode()
        this.properties.set(key, child)
      }
      child.learn(object[key] as Json, key, depth + 1, scope)
    }
  }

  /** Adds what another node saw of the same place. */
  absorb(other: FieldNode, scope: SchemaScope): void {
    this.seen += other.seen
    this.nulls += other.nulls
    this.booleans += other.booleans
    this.integers += other.integers
    this.numbers += other.numbers
    this.strings += other.strings
    this.objects += other.objects
    this.arrays += other.arrays
    if (other.format !== undefined)
      this.format = this.format === undefined || this.format === other.format ? other.format : 'none'
    this.#absorbWords(other)
    if (other.evidence !== undefined) {
      if (this.evidence === undefined) this.evidence = other.evidence
      else this.evidence.absorb(other.evidence)
    }
    if (other.items !== undefined) {
      if (this.items !== undefined) this.items.absorb(other.items, scope)
      else if (scope.fields < scope.limits.fields) {
        this.items = other.items
        scope.fields += other.items.size()
      }
    }
    if (other.properties === undefined) return
    if (this.properties === undefined) this.properties = new Map()
    for (const [key, child] of other.properties) {
      const mine = this.properties.get(key)
      if (mine !== undefined) mine.absorb(child, scope)
      else if (scope.fields < scope.limits.fields) {
        this.properties.set(key, child)
        scope.fields += child.size()
      }
    }
  }

  #absorbWords(other: FieldNode): void {
    if (this.words === undefined) return
    if (other.words === undefined) {
      this.words = undefined
      return
    }
    for (const [word, count] of other.words) {
      const mine = this.words.get(word)
      if (mine === undefined && this.words.size >= maxEnum) {
        this.words = undefined
        return
      }
      this.words.set(word, (mine ?? 0) + count)
    }
  }

  /** Nodes from here down. */
  size(): number {
    let size = 1 + (this.items?.size() ?? 0)
    for (const child of this.properties?.values() ?? []) size += child.size()
    return size
  }

  toSchema(limits: SchemaLimits): SchemaNode {
    const types: string[] = []
    if (this.objects > 0) types.push('object')
    if (this.arrays > 0) types.push('array')
    if (this.strings > 0) types.push('string')
    if (this.numbers > 0) types.push('number')
    else if (this.integers > 0) types.push('integer')
    if (this.booleans > 0) types.push('boolean')
    if (this.nulls > 0) types.push('null')
    const dataClass = this.evidence?.label()
    const words = dataClass === undefined ? this.#enumeration(limits) : undefined
    return {
      type: types.length === 1 ? types[0]! : types,
      ...(this.format === undefined || this.format === 'none' || this.strings === 0
        ? {}
        : { format: this.format }),
      ...(dataClass === undefined ? {} : { dataClass }),
      ...(this.properties === undefined ? {} : this.#objectSchema(this.properties, limits)),
      ...(this.items === undefined ? {} : { items: this.items.toSchema(limits) }),
      ...(words === undefined ? {} : { enum: words }),
      seen: this.seen,
    }
  }

  #objectSchema(
    properties: Map<string, FieldNode>,
    limits: SchemaLimits,
  ): Pick<SchemaNode, 'properties' | 'required'> {
    const names = [...properties.keys()].sort()
    const required =
      this.objects >= limits.requiredAfter
        ? names.filter(name => properties.get(name)?.seen === this.objects)
        : []
    // A null prototype: keys come from traffic, `__proto__` included.
    const schemas: Record<string, SchemaNode> = Object.create(null) as Record<string, SchemaNode>
    for (const name of names) {
      const child = properties.get(name)
      if (child !== undefined) schemas[name] = child.toSchema(limits)
    }
    return required.length === 0 ? { properties: schemas } : { properties: schemas, required }
  }

  #enumeration(limits: SchemaLimits): readonly string[] | undefined {
    const words = this.words
    if (words === undefined || words.size === 0 || this.strings < limits.enumAfter || this.format !== 'none')
      return undefined
    let singles = 0
    for (const count of words.values()) if (count === 1) singles += 1
    // Good and Turing: the chance that the next value is a new one.
    return singles / this.strings < 0.01 ? [...words.keys()].sort() : undefined
  }
}
