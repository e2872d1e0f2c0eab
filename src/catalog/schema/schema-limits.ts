import { keptWhole } from '../../kit/snapshot.ts'
import type { ClassRegistry } from '../data-classes/registry/class-registry.ts'
import { standardClasses } from '../data-classes/registry/standard.ts'
import type { FieldBudget } from './field-budget.ts'
import { Way } from './way.ts'

/**
 * How values are written: `json` knows types; of `text` (a path, a query, a form) `7` is an integer and `true` a boolean; of `xml` as well,
 * and an element that came twice is a list, also where it comes once.
 */
export type Wire = 'json' | 'text' | 'xml'

/** Bounds and operating points of one learned side (requests or responses) of an operation. */
export interface SchemaLimits {
  /** Field nodes of a side, over all its bodies and parameters; further fields are counted and not learned. */
  readonly fields: number
  /** Levels below the root of a body; what lies deeper is counted and not learned. */
  readonly depth: number
  /** Elements of an array that are looked at. */
  readonly elements: number
  /** Characters of a field's name; longer names are counted and not learned. */
  readonly nameLength: number
  /** Objects before a field that was in all of them is called required. */
  readonly requiredAfter: number
  /** Values before a small set of words is called an enumeration. */
  readonly enumAfter: number
  /** Values each member of an enumeration was seen on average, at least. */
  readonly enumRepeats: number
  /** Values before a range of numbers or lengths is claimed. */
  readonly rangeAfter: number
  /** Objects before one is called closed: no property was new in the last of them. */
  readonly closedAfter: number
  /** Objects of each kind before a field is taken to say which kind an object is. */
  readonly variantAfter: number
}

export const defaultSchemaLimits: SchemaLimits = {
  fields: 2_000,
  depth: 12,
  elements: 8,
  nameLength: 128,
  requiredAfter: 14,
  enumAfter: 100,
  enumRepeats: 10,
  rangeAfter: 300,
  closedAfter: 1_000,
  variantAfter: 5,
}

/** One for all: a body is learned from without a pause. */
const sharedWay = new Way()

/**
 * Shared by the nodes of one side: the limits, how far they are used, the number of the body being learned and the way down to
 * the place being learned.
 */
export class SchemaScope {
  readonly limits: SchemaLimits
  /** The data classes that fields are told apart by. */
  readonly classes: ClassRegistry
  private readonly budget: FieldBudget | undefined
  private _fields = 0
  /** Rises with every body; tells a field that came twice in a body from one that came in two. */
  body = 0
  /** How the body being learned is written. */
  wire: Wire = 'json'
  /** From the root of that body to the place being learned. */
  readonly way = sharedWay
  /** Fields met that were beyond `fields` or `nameLength`; values met that were beyond `depth`. */
  skippedFields = 0
  skippedDepth = 0

  constructor(
    limits: SchemaLimits = defaultSchemaLimits,
    classes: ClassRegistry = standardClasses,
    budget?: FieldBudget,
  ) {
    this.limits = limits
    this.classes = classes
    this.budget = budget
  }

  /** Nodes in use. */
  get fields(): number {
    return this._fields
  }

  /** Is there room for as many more, on this side? */
  hasRoom(count = 1): boolean {
    return this._fields + count <= this.limits.fields
  }

  /** Takes room for as many nodes, all or none; false, and counted, where there is none. */
  reserve(count = 1): boolean {
    if (!this.hasRoom(count) || this.budget?.take(count) === false) {
      this.skippedFields += count
      return false
    }
    this._fields += count
    return true
  }

  /** Gives room back. */
  release(count = this._fields): void {
    this._fields -= count
    this.budget?.give(count)
  }

  static {
    keptWhole(SchemaScope, 'catalog/schema-scope', 1)
  }
}
