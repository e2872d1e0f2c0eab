import type { Json } from '../../call/content.ts'
import { keptWhole } from '../../kit/snapshot.ts'
import { wordsOf } from '../data-classes/registry/class-registry.ts'
import type { FieldNode } from './field-node.ts'

type JsonObject = { readonly [key: string]: Json }

type Step = readonly [node: FieldNode, object: JsonObject | undefined, step: string]

/** Share of the fields that an object and one above it have in common, from which they are of one kind. */
const commonShare = 0.8
const minCommon = 2
/** Words in the names of fields that every list may be wrapped in: they do not say what is in it. */
const wrappers = new Set(
  'total count page pages number size per limit offset skip next previous prev first last current cursor has more is links link meta metadata pagination paging info edges nodes node items item entries entry data results result list elements content values value records objects response body payload type kind object href self status code success ok errors error'.split(
    ' ',
  ),
)

/** The way from a body's root to the place being learned: nodes by level, and of objects the object and the field that was stepped into. */
export class Way {
  private readonly nodes: FieldNode[] = []
  private readonly objects: (JsonObject | undefined)[] = []
  private readonly steps: string[] = []

  /** From the node at that level a step is taken into a field of an object, or without one into an element. */
  enter(level: number, node: FieldNode, object?: JsonObject, step = ''): void {
    this.nodes[level] = node
    this.objects[level] = object
    this.steps[level] = step
  }

  /** What stands at the levels from one to before another, to be put back after a way aside. */
  keep(from: number, to: number): readonly Step[] {
    const kept: Step[] = []
    for (let level = from; level < to; level += 1)
      kept.push([this.nodes[level]!, this.objects[level], this.steps[level]!])
    return kept
  }

  restore(from: number, kept: readonly Step[]): void {
    for (const [offset, [node, object, step]] of kept.entries()) this.enter(from + offset, node, object, step)
  }

  nodeAt(level: number): FieldNode | undefined {
    return this.nodes[level]
  }

  /**
   * How many levels above `level` stands an object of the same kind as the one found there, the nearest; 0 for none. Of the same kind are
   * objects that have four fifths of their fields in common, of the same types, one of which led from the one down to the other, and
   * another says what they are: a comment with `replies` in the `replies` of a comment. Lists of different things that are
   * wrapped alike (`items` and `total` in the `items` of another) are not.
   */
  again(level: number, object: JsonObject): number {
    for (let above = level - 1; above >= 0; above -= 1) {
      const outer = this.objects[above]
      const step = this.steps[above]!
      if (outer === undefined || !Object.hasOwn(object, step)) continue
      if (isAlike(object, outer, step) && mayLead(object[step]!, outer[step]!)) return level - above
    }
    return 0
  }

  static {
    keptWhole(Way, 'catalog/way', 1)
  }
}

function isAlike(inner: JsonObject, outer: JsonObject, step: string): boolean {
  let common = 0
  let telling = false
  let size = 0
  for (const key in inner) {
    size += 1
    if (!Object.hasOwn(outer, key)) continue
    if (!mayBeOne(inner[key]!, outer[key]!)) return false
    common += 1
    telling ||= key !== step && !isWrapping(key)
  }
  return telling && common >= minCommon && common >= Math.max(size, Object.keys(outer).length) * commonShare
}

/** What stands under the field that led down is of one kind in both, where both have something there. */
function mayLead(inner: Json, outer: Json): boolean {
  const mine = firstObject(inner)
  const theirs = firstObject(outer)
  if (mine === undefined || theirs === undefined) return true
  let common = 0
  let size = 0
  for (const key in mine) {
    size += 1
    if (Object.hasOwn(theirs, key)) common += 1
  }
  return common >= Math.max(size, Object.keys(theirs).length) / 2
}

/** An empty one says nothing. */
function firstObject(value: Json): JsonObject | undefined {
  const first = Array.isArray(value) ? (value[0] as Json | undefined) : value
  if (typeof first !== 'object' || first === null || Array.isArray(first)) return undefined
  return Object.keys(first).length === 0 ? undefined : (first as JsonObject)
}

/** `null` may be anything. */
const mayBeOne = (a: Json, b: Json): boolean =>
  a === null || b === null || (typeof a === typeof b && Array.isArray(a) === Array.isArray(b))

const isWrapping = (key: string): boolean =>
  wordsOf(key)
    .split(' ')
    .every(word => wrappers.has(word))
