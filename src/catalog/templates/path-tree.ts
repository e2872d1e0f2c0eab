import type { EndpointRecord } from '../endpoint-record.ts'
import { compatible, groupsToMerge } from './merge-decision.ts'
import { mixedKey, mixedOf, valueIn } from './mixed-segment.ts'
import { parameterName } from './parameter-name.ts'
import { PathNode } from './path-node.ts'
import { isTyped, kindOf, type SegmentKind } from './segment-kind.ts'
import { isFixedWord } from './vocabulary.ts'

/** Steps a lookup may take before it gives up: a tree built to be ambiguous at every level cannot cost more. */
const maxSteps = 256

export interface Placed {
  readonly node: PathNode
  /** True where nodes had to be made. */
  readonly fresh: boolean
}

/** Called for each record whose place changed: re-homed (`into` undefined) or absorbed by another record. */
export type Moved = (record: EndpointRecord, home: PathNode, into: EndpointRecord | undefined) => void

/** One host's paths as a tree of literal, mixed and placeholder segments. */
export class PathTree {
  readonly root = new PathNode(undefined, '', 'root')
  readonly #score: number
  size = 1

  constructor(score: number) {
    this.#score = score
  }

  /**
   * The node of a known operation: literals before mixed segments before placeholders, going back where a branch does
   * not have the method.
   */
  find(segments: readonly string[], method: string): PathNode | undefined {
    return descend(this.root, segments, 0, method, { left: maxSteps })
  }

  /** The node for a path, made where needed. Typed segments go to placeholders at once. */
  place(segments: readonly string[]): Placed {
    let node = this.root
    let fresh = false
    for (const segment of segments) {
      const next = step(node, segment)
      if (next !== undefined) {
        node = next
        continue
      }
      fresh = true
      node = this.#grow(node, segment)
    }
    return { node, fresh }
  }

  /** The template a path would have, without learning it. */
  sketch(segments: readonly string[]): string {
    let node: PathNode | undefined = this.root
    const texts: string[] = []
    for (const segment of segments) {
      node = node === undefined ? undefined : step(node, segment)
      texts.push(node?.text ?? placeholderFor(texts, segment))
    }
    return `/${texts.join('/')}`
  }

  #grow(parent: PathNode, segment: string): PathNode {
    this.size += 1
    const mixed = mixedOf(segment)
    if (mixed?.certain === true)
      return this.#growMixed(parent, mixed.prefix, mixed.suffix, mixed.name, kindOf(mixed.value))
    const kind = kindOf(segment)
    const before = parent.segments()
    if (isTyped(kind) && !isEarlyVersion(before.length, kind, segment)) {
      const param = new PathNode(parent, `{${parameterName(before, kind)}}`, 'param')
      param.kind = kind
      parent.param = param
      return param
    }
    const literal = new PathNode(parent, segment, 'literal')
    parent.literals ??= new Map()
    parent.literals.set(segment, literal)
    return literal
  }

  /** The mixed child of that form, made where there is none. */
  #mixedHome(
    parent: PathNode,
    prefix: string,
    suffix: string,
    name: string | undefined,
    kind: SegmentKind,
  ): PathNode {
    const known = parent.mixed?.find(mixed => mixed.prefix === prefix && mixed.suffix === suffix)
    if (known !== undefined) return known.node
    this.size += 1
    return this.#growMixed(parent, prefix, suffix, name, kind)
  }

  #growMixed(
    parent: PathNode,
    prefix: string,
    suffix: string,
    name: string | undefined,
    kind: SegmentKind,
  ): PathNode {
    const before = parent.segments()
    const inner =
      name !== undefined && !before.some(text => text.includes(`{${name}}`))
        ? name
        : parameterName(before, kind)
    const node = new PathNode(parent, `${prefix}{${inner}}${suffix}`, 'mixed')
    parent.mixed ??= []
    parent.mixed.push({ prefix, suffix, node })
    // The longest fixed text first: `report-{}.json` before `{}.json`.
    parent.mixed.sort(
      (a, b) =>
        b.prefix.length + b.suffix.length - (a.prefix.length + a.suffix.length) ||
        (a.prefix + a.suffix < b.prefix + b.suffix ? -1 : 1),
    )
    return node
  }

  /** Looks at a node's literal children again and merges those that are values. True where something changed. */
  review(node: PathNode, moved: Moved): boolean {
    let changed = this.#reviewMixed(node, moved)
    for (const group of groupsToMerge(node, this.#score)) {
      if (
        node.param !== undefined &&
        !node.param.open &&
        !group.every(child => compatible(child, node.param!))
      )
        continue
      const param = this.#homeFor(node, group)
      for (const child of group) {
        node.literals?.delete(child.text)
        this.#fold(child, param, moved)
      }
      changed = true
    }
    return changed
  }

  /** Where a group goes: a placeholder before a common ending (`{id}.atom`), or the node's placeholder. */
  #homeFor(node: PathNode, group: readonly PathNode[]): PathNode {
    const ending = group.length > 1 && node.param?.open !== true ? commonExtension(group) : undefined
    if (ending !== undefined) {
      return this.#mixedHome(node, '', ending, undefined, 'word')
    }
    if (node.param === undefined) {
      node.param = new PathNode(node, `{${parameterName(node.segments(), 'word')}}`, 'param')
      this.size += 1
    }
    node.param.open = true
    return node.param
  }

  /** `report-1.json` and `report-2.json` are `report-{reportId}.json`. */
  #reviewMixed(node: PathNode, moved: Moved): boolean {
    const patterns = new Map<string, PathNode[]>()
    for (const child of node.literals?.values() ?? []) {
      const mixed = child.text.length > 4 && /\d/.test(child.text) ? mixedOf(child.text) : undefined
      if (mixed === undefined) continue
      const key = mixedKey(mixed)
      const group = patterns.get(key)
      if (group === undefined) patterns.set(key, [child])
      else group.push(child)
    }
    let changed = false
    for (const group of patterns.values()) {
      if (group.length < 2) continue
      const mixed = mixedOf(group[0]!.text)!
      const home = this.#mixedHome(node, mixed.prefix, mixed.suffix, mixed.name, kindOf(mixed.value))
      for (const child of group) {
        node.literals?.delete(child.text)
        this.#fold(child, home, moved)
      }
      changed = true
    }
    return changed
  }

  /** Moves everything at and under `from` to `to`; where both have something, the records become one. */
  #fold(from: PathNode, to: PathNode, moved: Moved): void {
    this.size -= 1
    to.visits += from.visits
    to.lastUse = Math.max(to.lastUse, from.lastUse)
    for (const [method, record] of from.records ?? []) {
      to.records ??= new Map()
      const other = to.records.get(method)
      if (other === undefined) to.records.set(method, record)
      moved(record, to, other)
    }
    for (const child of from.literals?.values() ?? []) {
      to.literals ??= new Map()
      let home = to.literals.get(child.text)
      if (home === undefined) {
        home = new PathNode(to, child.text, 'literal')
        to.literals.set(child.text, home)
        this.size += 1
      }
      this.#fold(child, home, moved)
    }
    for (const { prefix, suffix, node } of from.mixed ?? []) {
      const home = this.#mixedHome(to, prefix, suffix, undefined, node.kind)
      this.#fold(node, home, moved)
    }
    if (from.param === undefined) return
    if (to.param === undefined) {
      to.param = new PathNode(to, `{${parameterName(to.segments(), from.param.kind)}}`, 'param')
      to.param.kind = from.param.kind
      this.size += 1
    }
    to.param.open ||= from.param.open
    this.#fold(from.param, to.param, moved)
  }

  /** Takes a node out with all that is under it. */
  remove(node: PathNode): void {
    const { parent } = node
    if (parent === undefined) return
    if (node.form === 'literal') parent.literals?.delete(node.text)
    else if (node.form === 'param') parent.param = undefined
    else parent.mixed = parent.mixed?.filter(mixed => mixed.node !== node)
    this.size -= count(node)
  }
}

/** `.atom` where every text ends in it and none is only that; undefined where they differ. */
function commonExtension(group: readonly PathNode[]): string | undefined {
  const ending = /\.[A-Za-z][A-Za-z0-9]{1,6}$/.exec(group[0]?.text ?? '')?.[0]
  if (ending === undefined) return undefined
  return group.every(({ text }) => text.length > ending.length && text.endsWith(ending)) ? ending : undefined
}

const count = (node: PathNode): number => {
  let nodes = 1
  for (const child of node.children()) nodes += count(child)
  return nodes
}

/** `/2.0/files`: a decimal at the front of a path, or after one word, is a version. */
const isEarlyVersion = (depth: number, kind: SegmentKind, segment: string): boolean =>
  kind === 'decimal' && segment.length <= 4 && depth <= 1

/** Where one segment leads, greedily; undefined where the tree has nothing for it. */
function step(node: PathNode, segment: string): PathNode | undefined {
  const literal = node.literals?.get(segment)
  if (literal !== undefined) return literal
  for (const { prefix, suffix, node: child } of node.mixed ?? [])
    if (valueIn(segment, prefix, suffix) !== undefined) return child
  return node.param !== undefined && fits(node.param, segment) ? node.param : undefined
}

function fits(param: PathNode, segment: string): boolean {
  if (segment === '') return false
  if (param.open) return !isFixedWord(segment)
  return isTyped(kindOf(segment)) && mixedOf(segment)?.certain !== true
}

function descend(
  node: PathNode,
  segments: readonly string[],
  index: number,
  method: string,
  steps: { left: number },
): PathNode | undefined {
  if (index === segments.length) return node.records?.has(method) === true ? node : undefined
  steps.left -= 1
  if (steps.left < 0) return undefined
  const segment = segments[index] ?? ''
  const literal = node.literals?.get(segment)
  if (literal !== undefined) {
    const found = descend(literal, segments, index + 1, method, steps)
    if (found !== undefined) return found
  }
  if (node.mixed !== undefined) {
    for (const { prefix, suffix, node: child } of node.mixed) {
      if (valueIn(segment, prefix, suffix) === undefined) continue
      const found = descend(child, segments, index + 1, method, steps)
      if (found !== undefined) return found
    }
  }
  if (node.param !== undefined && fits(node.param, segment))
    return descend(node.param, segments, index + 1, method, steps)
  return undefined
}

function placeholderFor(before: readonly string[], segment: string): string {
  const mixed = mixedOf(segment)
  if (mixed?.certain === true)
    return `${mixed.prefix}{${mixed.name ?? parameterName(before, kindOf(mixed.value))}}${mixed.suffix}`
  const kind = kindOf(segment)
  return isTyped(kind) && !isEarlyVersion(before.length, kind, segment)
    ? `{${parameterName(before, kind)}}`
    : segment
}

/** The template of a path nobody has learned anything about. */
export function blankTemplate(segments: readonly string[]): string {
  const texts: string[] = []
  for (const segment of segments) texts.push(placeholderFor(texts, segment))
  return `/${texts.join('/')}`
}
