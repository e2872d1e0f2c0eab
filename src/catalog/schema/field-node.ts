import type { Json } from '../../call/content.ts'
import { isMask } from '../../call/mask.ts'
import { keptWhole } from '../../kit/snapshot.ts'
import { Neighbours } from '../data-classes/registry/neighbours.ts'
import { FieldEvidence } from './field-evidence.ts'
import type { FieldTable } from './field-table.ts'
import { isMapKey } from './map-key.ts'
import { NumberRange } from './number-range.ts'
import { ObjectFacts } from './object-facts.ts'
import type { SchemaScope } from './schema-limits.ts'
import { type Kind, Tally } from './tally.ts'
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
/** Under this name stands the text of an XML element that has attributes. */
const textName = '#text'

type JsonObject = { readonly [key: string]: Json }

/**
 * What one place in a body was seen to hold. Mutable; `nodeSchema` gives the immutable picture. There are millions of these: what
 * most places never need (several kinds of value, a class of data, text, numbers, fields) is made when it is.
 */
export class FieldNode {
  /** Values, and bodies with at least one. */
  seen = 0
  bodies = 0
  private body = -1
  /** The one kind of value met so far; not looked at once there is a tally. */
  private kind: Kind = 'nulls'
  private tally: Tally | undefined
  range: NumberRange | undefined
  text: TextFacts | undefined
  object: ObjectFacts | undefined
  items: FieldNode | undefined
  evidence: FieldEvidence | undefined

  get nulls(): number {
    return this.countOf('nulls')
  }
  get booleans(): number {
    return this.countOf('booleans')
  }
  get integers(): number {
    return this.countOf('integers')
  }
  get numbers(): number {
    return this.countOf('numbers')
  }
  get strings(): number {
    return this.countOf('strings')
  }
  get objects(): number {
    return this.countOf('objects')
  }
  get arrays(): number {
    return this.countOf('arrays')
  }
  /** Strings that stand in a secret's place. */
  get masked(): number {
    return this.tally?.masked ?? 0
  }
  get low(): number {
    return this.range?.low ?? Number.POSITIVE_INFINITY
  }
  get high(): number {
    return this.range?.high ?? Number.NEGATIVE_INFINITY
  }
  get properties(): FieldTable | undefined {
    return this.object?.table
  }
  /** What stands under the keys of a map. */
  get values(): FieldNode | undefined {
    return this.object?.values
  }
  get isMap(): boolean {
    return this.object?.isMap === true
  }
  get variants(): VariantFacts | undefined {
    return this.object?.variants
  }
  /** Above 0: its objects are of the kind found that many nodes above, and learned there. */
  get recursesTo(): number {
    return this.object?.recursesTo ?? 0
  }

  private countOf(kind: Kind): number {
    return this.tally === undefined ? (this.kind === kind ? this.seen : 0) : this.tally[kind]
  }

  /** Another value, of that kind. */
  private count(kind: Kind, scope: SchemaScope): void {
    this.seen += 1
    if (this.body !== scope.body) {
      this.body = scope.body
      this.bodies += 1
    }
    if (this.tally !== undefined) this.tally[kind] += 1
    else if (this.seen === 1) this.kind = kind
    else if (this.kind !== kind) {
      const tally = this.apart(this.seen - 1)
      tally[kind] = 1
    }
  }

  /** The kinds counted one by one from here on. */
  private apart(seen = this.seen): Tally {
    if (this.tally !== undefined) return this.tally
    const tally = new Tally()
    tally[this.kind] = seen
    this.tally = tally
    return tally
  }

  /**
   * Takes in a value found here. `name` is the key it stands under (an array's elements inherit the array's), `siblings` what the names
   * beside it say. `depth` is how deep in the body it stands, `level` how deep in the schema: less where the schema recurses.
   */
  learn(
    value: Json,
    name: string,
    depth: number,
    scope: SchemaScope,
    siblings?: Neighbours,
    level = depth,
  ): void {
    if (scope.wire === 'xml' && depth > 0) this.learnElement(value, name, depth, scope, siblings, level)
    else this._learn(value, name, depth, scope, siblings, level)
  }

  private _learn(
    value: Json,
    name: string,
    depth: number,
    scope: SchemaScope,
    siblings: Neighbours | undefined,
    level: number,
  ): void {
    switch (typeof value) {
      case 'string':
        if (scope.wire === 'json') this.learnString(value, name, scope, siblings)
        else this.learnWritten(value, name, scope, siblings)
        return
      case 'number':
        this.learnNumber(value, scope)
        this.judgeNumber(value, name, scope, siblings)
        return
      case 'boolean':
        this.count('booleans', scope)
        return
      default:
        if (value === null) this.count('nulls', scope)
        else if (Array.isArray(value))
          this.learnArray(value as readonly Json[], name, depth, scope, siblings, level)
        else this.learnObject(value as JsonObject, name, depth, scope, level)
    }
  }

  /** Takes in a value of a wire form that knows only text (a path, a query, a form): `7` is an integer, `true` a boolean. */
  learnText(value: Json, name: string, depth: number, scope: SchemaScope, siblings?: Neighbours): void {
    scope.wire = 'text'
    this.learn(value, name, depth, scope, siblings)
    scope.wire = 'json'
  }

  /** Takes in a form: an object whose values are text. */
  learnForm(form: JsonObject, scope: SchemaScope): void {
    this.count('objects', scope)
    const facts = this.facts()
    for (const key in form) {
      let child = facts.table.get(key)
      if (child === undefined) {
        if (key.length > scope.limits.nameLength) {
          scope.skippedFields += 1
          continue
        }
        if (!scope.reserve()) continue
        child = this.bear(key, scope)
      }
      child.learnText(form[key]!, key, 1, scope, facts.family)
    }
  }

  /** Takes in the content of an element of XML: what came as a list once is one always. */
  private learnElement(
    value: Json,
    name: string,
    depth: number,
    scope: SchemaScope,
    siblings: Neighbours | undefined,
    level: number,
  ): void {
    if (Array.isArray(value)) {
      if (this.arrays < this.seen && this.items === undefined && scope.reserve()) this.becomeList()
      this._learn(value, name, depth, scope, siblings, level)
    } else if (this.arrays > 0) this._learn([value], name, depth, scope, siblings, level)
    else if (typeof value === 'string' && value !== '' && this.objects > 0)
      this._learn({ [textName]: value }, name, depth, scope, siblings, level)
    else this._learn(value, name, depth, scope, siblings, level)
  }

  /** What was learned of single elements is what was learned of the elements of lists of one. */
  private becomeList(): void {
    const items = new FieldNode()
    items.take(this)
    this.items = items
    this.kind = 'arrays'
    this.tally = undefined
    this.range = undefined
    this.text = undefined
    this.object = undefined
    this.evidence = undefined
  }

  private take(other: FieldNode): void {
    this.seen = other.seen
    this.bodies = other.bodies
    this.body = other.body
    this.kind = other.kind
    this.tally = other.tally
    this.range = other.range
    this.text = other.text
    this.object = other.object
    this.evidence = other.evidence
  }

  private learnNumber(value: number, scope: SchemaScope): void {
    this.count(Number.isInteger(value) ? 'integers' : 'numbers', scope)
    this.range ??= new NumberRange()
    this.range.add(value)
  }

  private learnWritten(
    value: string,
    name: string,
    scope: SchemaScope,
    siblings: Neighbours | undefined,
  ): void {
    const number = numberOf(value)
    if (number === undefined && value !== 'true' && value !== 'false') {
      this.learnString(value, name, scope, siblings)
      return
    }
    if (number === undefined) this.count('booleans', scope)
    else this.learnNumber(number, scope)
    this.judge(value, name, scope, siblings)
  }

  private learnString(
    value: string,
    name: string,
    scope: SchemaScope,
    siblings: Neighbours | undefined,
  ): void {
    this.count('strings', scope)
    this.judge(value, name, scope, siblings)
    if (value.charCodeAt(0) === 91 && isMask(value)) {
      this.apart().masked += 1
      return
    }
    this.text ??= new TextFacts()
    this.text.add(value)
  }

  /** What the value says about the data it is; nothing is held until one says something. */
  private judge(value: string, name: string, scope: SchemaScope, siblings: Neighbours | undefined): void {
    if (this.evidence === undefined) {
      const before = this.judged(scope) - 1
      if (!FieldEvidence.wants(value, name, before, scope.classes)) return
      this.evidence = new FieldEvidence(name, siblings, scope.classes, before)
    }
    this.evidence.add(value)
  }

  private judgeNumber(
    value: number,
    name: string,
    scope: SchemaScope,
    siblings: Neighbours | undefined,
  ): void {
    if (this.evidence === undefined) {
      const before = this.judged(scope) - 1
      if (!FieldEvidence.wantsNumber(value, name, before, scope.classes)) return
      this.evidence = new FieldEvidence(name, siblings, scope.classes, before)
    }
    this.evidence.addNumber(value)
  }

  /** Values that were asked what data they are. */
  private judged({ wire }: SchemaScope): number {
    const tally = this.tally
    if (tally === undefined) return this.seen
    return tally.integers + tally.numbers + tally.strings + (wire === 'json' ? 0 : tally.booleans)
  }

  private learnArray(
    value: readonly Json[],
    name: string,
    depth: number,
    scope: SchemaScope,
    siblings: Neighbours | undefined,
    level: number,
  ): void {
    this.count('arrays', scope)
    if (value.length === 0) return
    if (depth >= scope.limits.depth) {
      scope.skippedDepth += 1
      return
    }
    this.items ??= roomFor(scope)
    const { items } = this
    if (items === undefined) return
    const count = Math.min(value.length, scope.limits.elements)
    const step = value.length / count
    // All of a short list; of a long one some from its whole length, others each time.
    const offset = count === value.length ? 0 : scope.body % Math.floor(step)
    for (let index = 0; index < count; index += 1) {
      const item = value[Math.floor(index * step) + offset]!
      if (isContainer(item)) scope.way.enter(level, this)
      items.learn(item, name, depth + 1, scope, siblings, level + 1)
    }
  }

  private learnObject(
    object: JsonObject,
    name: string,
    depth: number,
    scope: SchemaScope,
    level: number,
  ): void {
    this.count('objects', scope)
    if (depth >= scope.limits.depth) {
      scope.skippedDepth += 1
      return
    }
    if (level > 0 && this.recurses(object, scope, level)) {
      const above = level - this.recursesTo
      const node = scope.way.nodeAt(above)
      if (node === undefined) return
      const kept = scope.way.keep(above, level)
      node.count('objects', scope)
      node.learnFields(object, name, depth, scope, above)
      scope.way.restore(above, kept)
      return
    }
    this.learnFields(object, name, depth, scope, level)
  }

  private learnFields(
    object: JsonObject,
    name: string,
    depth: number,
    scope: SchemaScope,
    level: number,
  ): void {
    const facts = this.facts()
    if (!facts.isMap && isPowerOfTwo(this.objects) && this.looksLikeMap(facts)) this.fold(facts, scope, level)
    const { variants } = facts
    let kind = variants?.begin(object, facts.table)
    let hint = 0
    for (const key in object) {
      const value = object[key]!
      if (isContainer(value)) scope.way.enter(level, this, object, key)
      const place = facts.isMap ? -1 : facts.table.find(key, hint)
      if (place >= 0) {
        hint = place + 1
        if (kind !== undefined) facts.variants?.meet(kind, place)
        facts.table.at(place).learn(value, key, depth + 1, scope, facts.family, level + 1)
        continue
      }
      if (facts.isMap || isMapKey(key)) {
        facts.values ??= roomFor(scope)
        facts.values?.learn(value, name, depth + 1, scope, undefined, level + 1)
        continue
      }
      if (!this.makeRoomFor(key, facts, scope, level)) continue
      if (facts.isMap) {
        facts.values?.learn(value, '', depth + 1, scope, undefined, level + 1)
        continue
      }
      const child = this.bear(key, scope)
      // Only from the first object on: kinds that were not counted from the start say nothing.
      if (
        this.objects === 1 &&
        facts.variants === undefined &&
        typeof value === 'string' &&
        isVariantName(key)
      ) {
        facts.variants = new VariantFacts(key)
        kind = facts.variants.begin(object, facts.table)
      }
      hint = facts.table.size
      if (kind !== undefined) facts.variants?.meet(kind, hint - 1)
      child.learn(value, key, depth + 1, scope, facts.family, level + 1)
    }
  }

  private facts(): ObjectFacts {
    this.object ??= new ObjectFacts()
    return this.object
  }

  /** Room for a field of that name, which is new; true also where the names turned out to be a map's keys. */
  private makeRoomFor(key: string, facts: ObjectFacts, scope: SchemaScope, level: number): boolean {
    if (key.length > scope.limits.nameLength) {
      scope.skippedFields += 1
      return false
    }
    // Without room the size stays what it is, and the question would come at every key.
    if (scope.hasRoom() && isPowerOfTwo(facts.table.size) && this.looksLikeMap(facts)) {
      this.fold(facts, scope, level)
      return true
    }
    return scope.reserve()
  }

  /** A node for a field of its objects. */
  private bear(key: string, scope: SchemaScope): FieldNode {
    const child = new FieldNode()
    const facts = this.facts()
    facts.family ??= new Neighbours()
    facts.family.add(scope.classes.planFor(key))
    facts.table.add(key, child)
    return child
  }

  /** Takes its place among siblings: their names say what its values may be. */
  join(siblings: Neighbours): void {
    if (this.evidence !== undefined) this.evidence.neighbours = siblings
    this.items?.join(siblings)
  }

  /**
   * Are the objects here of the kind of one above? Asked while this is a place of its own, at objects that have the field that led
   * here: at the first, and at every doubling.
   */
  private recurses(object: JsonObject, scope: SchemaScope, level: number): boolean {
    if (this.recursesTo > 0) return true
    if (!isPowerOfTwo(this.objects) || this.isMap) return false
    const up = scope.way.again(level, object)
    if (up === 0) return false
    const former = this.object
    this.object = new ObjectFacts()
    this.object.recursesTo = up
    const above = scope.way.nodeAt(level - up)
    if (former === undefined || above === undefined) return true
    const moved = new FieldNode()
    moved.seen = this.objects - 1
    moved.kind = 'objects'
    moved.object = former
    moved.dropBeyond(0)
    scope.release(moved.size() - 1)
    above.takeIn(moved, scope, level - up, level)
    return true
  }

  /** Absorbs what turned out to stand here, in the middle of a way down to `level`. */
  private takeIn(moved: FieldNode, scope: SchemaScope, here: number, level: number): void {
    const kept = scope.way.keep(here, level)
    this.absorb(moved, scope, here)
    scope.way.restore(here, kept)
  }

  /** Takes back what recurses to beyond the node that is at `level` 0: it would mean another one elsewhere. */
  private dropBeyond(level: number): void {
    if (this.object !== undefined && this.object.recursesTo > level) this.object.recursesTo = 0
    for (const child of this.children()) child.dropBeyond(level + 1)
  }

  /**
   * Many keys that hardly ever come again and hold the same kind of thing are values, not names: by Good and Turing's
   * estimate the next key is more likely a new one than one seen before.
   */
  private looksLikeMap({ table }: ObjectFacts): boolean {
    const { objects } = this
    if (objects < mapObjects || table.size < mapFrom) return false
    let singles = 0
    let keys = 0
    let kinds = 0
    for (const child of table.values()) {
      if (child.seen > objects * 0.4) return false
      if (child.seen === 1) singles += 1
      keys += child.seen
      kinds |= kindOf(child)
    }
    return keys >= mapKeys && singles >= keys * mapShare && (kinds & (kinds - 1)) === 0
  }

  private fold(facts: ObjectFacts, scope: SchemaScope, level: number): void {
    facts.isMap = true
    facts.variants = undefined
    const children = facts.table.values()
    facts.table = new ObjectFacts().table
    for (const child of children) {
      scope.release(child.size())
      facts.values ??= roomFor(scope)
      facts.values?.absorb(child, scope, level + 1)
    }
  }

  /** Adds what another node saw of the same place; the other is not used after this. `level` is how deep in the schema both stand. */
  absorb(other: FieldNode, scope: SchemaScope, level = 0): void {
    if (scope.wire === 'xml' && this.seen > 0 && other.seen > 0) {
      if (this.arrays > 0 && other.arrays === 0) other.becomeList()
      else if (this.arrays === 0 && other.arrays > 0 && scope.reserve()) this.becomeList()
    }
    const judged = this.integers + this.numbers + this.strings
    const theirs = other.integers + other.numbers + other.strings
    const objects = this.objects
    this.absorbCounts(other)
    if (this.range === undefined) this.range = other.range
    else if (other.range !== undefined) this.range.absorb(other.range)
    if (this.text === undefined) this.text = other.text
    else if (other.text !== undefined) this.text.absorb(other.text)
    this.absorbEvidence(other, judged, theirs, scope)
    scope.way.enter(level, this)
    this.items = adopt(this.items, other.items, scope, level + 1)
    if (other.object === undefined) {
      if (other.objects > 0 && objects > 0 && this.object !== undefined) this.object.variants = undefined
      return
    }
    this.absorbObjects(other.object, objects, scope, level)
  }

  private absorbCounts(other: FieldNode): void {
    if (other.seen === 0) return
    if (this.seen === 0) {
      this.kind = other.kind
      this.tally = other.tally
    } else if (this.tally !== undefined || other.tally !== undefined || this.kind !== other.kind) {
      const mine = this.apart()
      const theirs = other.apart()
      for (const kind in mine) mine[kind as keyof Tally] += theirs[kind as keyof Tally]
    }
    this.seen += other.seen
    this.bodies += other.bodies
  }

  private absorbEvidence(other: FieldNode, mine: number, theirs: number, scope: SchemaScope): void {
    const name = this.evidence?.name ?? other.evidence?.name
    if (name === undefined) return
    if (this.evidence === undefined && mine === 0) {
      this.evidence = other.evidence
      return
    }
    this.evidence ??= new FieldEvidence(name, other.evidence?.neighbours, scope.classes, mine)
    if (theirs > 0)
      this.evidence.absorb(other.evidence ?? new FieldEvidence(name, undefined, scope.classes, theirs))
  }

  private absorbObjects(other: ObjectFacts, objects: number, scope: SchemaScope, level: number): void {
    if (this.object === undefined) this.object = new ObjectFacts()
    let facts = this.object
    if (other.recursesTo > 0) {
      if (objects === 0) facts.recursesTo = other.recursesTo
      return
    }
    if (facts.recursesTo > 0) {
      const above = scope.way.nodeAt(level - facts.recursesTo)
      const moved = new FieldNode()
      moved.kind = 'objects'
      moved.object = other
      moved.dropBeyond(0)
      if (above !== undefined) above.takeIn(moved, scope, level - facts.recursesTo, level)
      return
    }
    if (objects > 0) facts.variants?.settle(facts.table)
    other.variants?.settle(other.table)
    if (other.isMap && !facts.isMap) this.fold(facts, scope, level)
    facts = this.object
    scope.way.enter(level, this)
    facts.values = adopt(facts.values, other.values, scope, level + 1)
    for (const [key, child] of other.table) {
      if (facts.isMap) {
        facts.values = adopt(facts.values, child, scope, level + 1)
        continue
      }
      const mine = facts.table.get(key)
      if (mine !== undefined) {
        scope.way.enter(level, this)
        mine.absorb(child, scope, level + 1)
        if (facts.family !== undefined) mine.join(facts.family)
        continue
      }
      if (!scope.reserve(child.size())) continue
      facts.family ??= new Neighbours()
      facts.family.add(scope.classes.planFor(key))
      child.join(facts.family)
      facts.table.add(key, child)
    }
    if (facts.isMap) return
    if (objects === 0) facts.variants = other.variants
    else if (other.variants === undefined) facts.variants = undefined
    else facts.variants?.absorb(other.variants, facts.table, other.table)
  }

  private *children(): Generator<FieldNode> {
    if (this.items !== undefined) yield this.items
    if (this.values !== undefined) yield this.values
    yield* this.properties?.values() ?? []
  }

  /** Nodes from here down. */
  size(): number {
    let size = 1
    for (const child of this.children()) size += child.size()
    return size
  }

  static {
    keptWhole(FieldNode, 'catalog/field-node', 1)
  }
}

/** Joins two nodes of a place; a node that was not there before needs room. */
function adopt(
  mine: FieldNode | undefined,
  other: FieldNode | undefined,
  scope: SchemaScope,
  level: number,
): FieldNode | undefined {
  if (other === undefined) return mine
  if (mine !== undefined) {
    mine.absorb(other, scope, level)
    return mine
  }
  return scope.reserve(other.size()) ? other : undefined
}

const roomFor = (scope: SchemaScope): FieldNode | undefined => (scope.reserve() ? new FieldNode() : undefined)

const isContainer = (value: Json): boolean => typeof value === 'object' && value !== null

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
