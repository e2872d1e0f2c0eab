import { BoundedMap } from '../../kit/bounded-map.ts'
import type { EndpointRecord } from '../endpoint-record.ts'
import { Evidence, type EvidenceTerm, type HostFacts } from './evidence.ts'
import { groupsToMerge } from './merge-decision.ts'
import { mixedKey, mixedOf, valueIn } from './mixed-segment.ts'
import { parameterName } from './parameter-name.ts'
import { PathNode } from './path-node.ts'
import { isTyped, kindOf, type SegmentKind } from './segment-kind.ts'
import { isFixedWord, isFree, valueLeaning } from './vocabulary.ts'

/** Steps a lookup may take before it gives up: a tree built to be ambiguous at every level cannot cost more. */
const maxSteps = 256

/** Words of a host remembered as values. */
const maxValues = 4_096
const maxValueLength = 64

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
  readonly #evidence: Evidence
  /** Words taken as values, and the place of the first: bounded, the least recently used go. */
  readonly #values = new BoundedMap<string, PathNode>(maxValues)
  size = 1
  /** Calls of unknown paths that were answered with 404: a host that does so does not answer everything. */
  misses = 0
  /** Calls of all operations, and the sum of their squares: what a typical operation gets. */
  calls = 0
  squares = 0

  constructor(score: number, without: readonly EvidenceTerm[] = []) {
    this.#score = score
    this.#evidence = new Evidence(without)
  }

  /**
   * The node of a known operation: literals before mixed segments before placeholders, going back where a branch does
   * not have the method.
   */
  find(segments: readonly string[], method: string): PathNode | undefined {
    return descend(this.root, segments, 0, method, { left: maxSteps })
  }

  /** The node for a path, made where needed. Typed segments go to placeholders at once. */
  place(segments: readonly string[], method: string, literalAt = -1): Placed {
    let node = this.root
    let fresh = false
    for (const [index, segment] of segments.entries()) {
      const next = step(node, segment)
      if (
        next !== undefined &&
        !(next.form === 'param' && (index === literalAt || this.#doubts(next, segments, index, method)))
      ) {
        node = next
        continue
      }
      fresh = true
      node = this.#grow(node, segment)
    }
    return { node, fresh }
  }

  /**
   * A word that was not met as a value here and looks like the name of an operation, or leads to one that the placeholder
   * does not have: stays a word until the evidence says otherwise.
   */
  #doubts(param: PathNode, segments: readonly string[], index: number, method: string): boolean {
    const segment = segments[index]!
    if (!param.open || !isFree(segment) || this.#values.peek(segment) === param.parent) return false
    const leaning = valueLeaning(segment)
    if (leaning < -1) return true
    return leaning < 1.5 && descend(param, segments, index + 1, method, { left: maxSteps }) === undefined
  }

  /**
   * Where a path passes a placeholder with a word it was not seen to take: the first such place, or -1. The node is
   * where the path leads. What is answered tells whether the word is a value or an operation of its own.
   */
  strangerAt(segments: readonly string[], node: PathNode): number {
    let at: PathNode | undefined = node
    let found = -1
    for (let index = segments.length - 1; index >= 0 && at !== undefined; index -= 1, at = at.parent) {
      if (at.form !== 'param' || !at.open) continue
      const segment = segments[index]!
      if (this.#values.peek(segment) !== at.parent && isFree(segment)) found = index
    }
    return found
  }

  /** Remembers the words of a path as values of the placeholders it passed. */
  welcome(segments: readonly string[], node: PathNode): void {
    let at: PathNode | undefined = node
    for (let index = segments.length - 1; index >= 0 && at !== undefined; index -= 1, at = at.parent)
      if (at.form === 'param' && at.open && at.parent !== undefined)
        this.#remember(segments[index]!, at.parent)
  }

  #remember(text: string, parent: PathNode): void {
    if (text.length <= maxValueLength && !this.#values.has(text)) this.#values.set(text, parent)
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
    if (parent.param === undefined && isTyped(kind) && !isEarlyVersion(before, kind, segment)) {
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
  review(node: PathNode, moved: Moved, margin: number): boolean {
    let changed = this.#reviewMixed(node, moved)
    const facts: HostFacts = {
      callsPerOperation: this.calls === 0 ? 1 : this.squares / this.calls,
      valueElsewhere: (text, at) => {
        const seen = this.#values.peek(text)
        return seen !== undefined && seen !== at.parent
      },
      valueHere: (text, at) => this.#values.peek(text) === at.parent,
    }
    for (const group of groupsToMerge(node, this.#score + margin, this.#evidence, facts)) {
      for (const part of byHost(group)) {
        const param = this.#homeFor(node, part)
        for (const child of part) {
          node.literals?.delete(child.text)
          this.#remember(child.text, node)
          this.#fold(child, param, moved)
        }
      }
      changed = true
    }
    return changed
  }

  /** Where a group goes: a placeholder before a common ending (`{id}.atom`), or the node's placeholder. */
  #homeFor(node: PathNode, group: readonly PathNode[]): PathNode {
    const ending =
      group.length < 2
        ? undefined
        : (commonHost(group) ??
          (node.param === undefined ? commonExtension(group, node.literals?.size ?? 0) : undefined))
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
    let changed = this.#reviewVersions(node, moved)
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

  /** Many full versions side by side are values: `/api/v{version}/sites`, `/packages/{packageId}/{version}`. */
  #reviewVersions(node: PathNode, moved: Moved): boolean {
    if ((node.literals?.size ?? 0) < 3) return false
    const group: PathNode[] = []
    for (const child of node.literals?.values() ?? []) if (fullVersion.test(child.text)) group.push(child)
    if (group.length < 3) return false
    let home: PathNode
    if (
      node.param === undefined &&
      group.every(({ text }) => text.startsWith('v')) &&
      node.form !== 'param' &&
      !/[^s]s$/.test(node.text)
    )
      home = this.#mixedHome(node, 'v', '', 'version', 'version')
    else {
      if (node.param === undefined) {
        node.param = new PathNode(node, `{${parameterName(node.segments(), 'version')}}`, 'param')
        node.param.kind = 'version'
        this.size += 1
      }
      node.param.open = true
      home = node.param
    }
    for (const child of group) {
      node.literals?.delete(child.text)
      this.#fold(child, home, moved)
    }
    return true
  }

  /** Moves everything at and under `from` to `to`; where both have something, the records become one. */
  #fold(from: PathNode, to: PathNode, moved: Moved): void {
    this.size -= 1
    to.visits += from.visits
    to.settledAt = -1
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

/** A group in parts: words that end in the same dotted names apart from the others. */
function byHost(group: readonly PathNode[]): readonly (readonly PathNode[])[] {
  const parts = new Map<string, PathNode[]>()
  for (const child of group) {
    const ending = commonHost([child]) ?? ''
    const part = parts.get(ending)
    if (part === undefined) parts.set(ending, [child])
    else part.push(child)
  }
  const rest: PathNode[] = []
  const whole: PathNode[][] = []
  for (const [ending, part] of parts) {
    if (ending !== '' && part.length > 1) whole.push(part)
    else rest.push(...part)
  }
  return rest.length === 0 ? whole : [...whole, rest]
}

/** `.shop.example.com` where every text ends in the same two or more dotted names: too much for an accident. */
function commonHost(group: readonly PathNode[]): string | undefined {
  const first = group[0]?.text ?? ''
  const dot = first.indexOf('.')
  const ending = dot > 0 ? first.slice(dot) : ''
  if (ending.length < 8 || !ending.includes('.', 1)) return undefined
  return group.every(({ text }) => text.indexOf('.') > 0 && text.slice(text.indexOf('.')) === ending)
    ? ending
    : undefined
}

/** Endings that name a representation of the answer, not a file that somebody named. */
const formats = /\.(?:json|xml|atom|rss|rdf|html?|jsonld|geojson|ttl|nt|yaml|yml|ics|kml|gpx|svg|m3u8|mpd)$/i
const fullVersion = /^v?\d{1,4}\.\d{1,4}\.\d{1,4}$/
const extension = /\.[A-Za-z][A-Za-z0-9]{1,6}$/

/** `.atom` where every text ends in it and none is only that; undefined where they differ or may yet. */
function commonExtension(group: readonly PathNode[], siblings: number): string | undefined {
  const ending = extension.exec(group[0]?.text ?? '')?.[0]
  if (ending === undefined) return undefined
  // Files that people name come with any ending: a few that agree are an accident.
  if (group.length < (formats.test(ending) ? 2 : 5) || siblings > group.length * 2) return undefined
  return group.every(({ text }) => text.length > ending.length && text.endsWith(ending)) ? ending : undefined
}

const count = (node: PathNode): number => {
  let nodes = 1
  for (const child of node.children()) nodes += count(child)
  return nodes
}

/** `/2.0/files`, `/api/2/files`: a decimal at the front of a path or after one word, a digit after `api`, is a version. */
const isEarlyVersion = (before: readonly string[], kind: SegmentKind, segment: string): boolean =>
  (kind === 'decimal' && segment.length <= 4 && before.length <= 1) ||
  (kind === 'int' &&
    segment.length === 1 &&
    before.length > 0 &&
    /^(?:api|apis|rest)$/i.test(before[before.length - 1]!))

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
  return isTyped(kind) && !isEarlyVersion(before, kind, segment)
    ? `{${parameterName(before, kind)}}`
    : segment
}

/** The template of a path nobody has learned anything about. */
export function blankTemplate(segments: readonly string[]): string {
  const texts: string[] = []
  for (const segment of segments) texts.push(placeholderFor(texts, segment))
  return `/${texts.join('/')}`
}
