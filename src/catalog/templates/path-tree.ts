import { BoundedMap } from '../../kit/bounded-map.ts'
import { EvidenceShares, rounded } from '../directions/evidence-shares.ts'
import { MergedWords, type Verdict } from '../directions/merged-words.ts'
import { type PinGuide, unlike } from '../directions/pin-guide.ts'
import type { EndpointRecord } from '../endpoint-record.ts'
import { byFixedText, fitsBetween, fixedTexts, namesIn } from '../placeholders.ts'
import type { RouteShape } from '../routes/route-shapes.ts'
import { contextsOf } from './context.ts'
import { Evidence, type EvidenceTerm, type HostFacts } from './evidence.ts'
import { groupsToMerge } from './merge-decision.ts'
import { mixedKey, mixedOf } from './mixed-segment.ts'
import { parameterName } from './parameter-name.ts'
import { PathNode } from './path-node.ts'
import { isTyped, kindOf, type SegmentKind } from './segment-kind.ts'
import { isFixedWord, isFree, valueLeaning } from './vocabulary.ts'

/** Steps a lookup may take before it gives up: a tree built to be ambiguous at every level cannot cost more. */
const maxSteps = 256

/** Words of a host remembered as values. */
const maxValues = 4_096
const maxValueLength = 64

/** Nats less that are asked of a word beside a placeholder that the serving framework's route names. */
const routeBonus = 2

export interface Placed {
  readonly node: PathNode
  /** True where nodes had to be made. */
  readonly fresh: boolean
}

/** Called for each record whose place changed: re-homed (`into` undefined) or absorbed by another record. */
export type Moved = (record: EndpointRecord, home: PathNode, into: EndpointRecord | undefined) => void

/** One host's paths as a tree of literal, mixed and placeholder segments. */
export class PathTree {
  readonly root: PathNode
  readonly #score: number
  readonly #evidence: Evidence
  readonly #shares: EvidenceShares
  /** Words taken as values, and the place of the first: bounded, the least recently used go. */
  readonly #values = new BoundedMap<string, PathNode>(maxValues)
  size = 1
  /** Calls of unknown paths that were answered with 404: a host that does so does not answer everything. */
  misses = 0
  /** Calls of all operations, and the sum of their squares: what a typical operation gets. */
  calls = 0
  squares = 0

  constructor(score: number, without: readonly EvidenceTerm[] = [], guide: PinGuide | undefined = undefined) {
    this.root = new PathNode(undefined, '', 'root')
    this.root.guide = guide
    this.#score = score
    this.#evidence = new Evidence(without)
    this.#shares = new EvidenceShares(without)
  }

  /**
   * The node of a known operation: literals before mixed segments before placeholders, going back where a branch does
   * not have the method. What is pinned is gone to first, and to nothing else.
   */
  find(segments: readonly string[], method: string): PathNode | undefined {
    return descend(this.root, segments, 0, method, { left: maxSteps, guided: true })
  }

  /** The node of a known operation as it would be without what is pinned. */
  findUnpinned(segments: readonly string[], method: string): PathNode | undefined {
    return descend(this.root, segments, 0, method, { left: maxSteps, guided: false })
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
    if (!param.open || param.held === 'pin' || !isFree(segment)) return false
    if (this.#values.peek(segment) === param.parent) return false
    const leaning = valueLeaning(segment)
    if (leaning < -1) return true
    return leaning < 1.5 && !this.#leads(param, segments, index + 1, method)
  }

  #leads(from: PathNode, segments: readonly string[], index: number, method: string): boolean {
    return descend(from, segments, index, method, { left: maxSteps, guided: true }) !== undefined
  }

  /**
   * Where a path passes a placeholder with a word it was not seen to take: the first such place, or -1. The node is
   * where the path leads. What is answered tells whether the word is a value or an operation of its own.
   */
  strangerAt(segments: readonly string[], node: PathNode): number {
    let at: PathNode | undefined = node
    let found = -1
    for (let index = segments.length - 1; index >= 0 && at !== undefined; index -= 1, at = at.parent) {
      if (at.form !== 'param' || !at.open || at.held === 'pin') continue
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
        this.#remember(segments[index]!, at.parent, at)
  }

  #remember(text: string, parent: PathNode, home: PathNode): void {
    if (text.length > maxValueLength || this.#values.has(text)) return
    this.#values.set(text, parent)
    home.words ??= new MergedWords()
    home.words.add(text)
  }

  /** A word is told apart from the placeholder beside it: no value of it any more. */
  part(word: string, parent: PathNode): void {
    if (this.#values.peek(word) !== parent) return
    this.#values.delete(word)
    parent.param?.words?.remove(word)
  }

  /** The template a path would have, without learning it. */
  sketch(segments: readonly string[]): string {
    let node: PathNode | undefined = this.root
    let guide: PinGuide | undefined = this.root.guide
    const texts: string[] = []
    for (const segment of segments) {
      const pinned: PinGuide | undefined = guide?.take(segment)
      node = node === undefined ? undefined : step(node, segment)
      texts.push(pinned?.text ?? node?.text ?? placeholderFor(texts, segment))
      guide = pinned
    }
    return `/${texts.join('/')}`
  }

  #grow(parent: PathNode, segment: string): PathNode {
    const pinned = parent.guide?.take(segment)
    if (pinned !== undefined) return this.#growPinned(parent, pinned, segment)
    const mixed = mixedOf(segment)
    if (mixed?.certain === true)
      return this.#growMixed(parent, [mixed.prefix, mixed.suffix], mixed.name, kindOf(mixed.value))
    const kind = kindOf(segment)
    const before = parent.segments()
    if (parent.param === undefined && isTyped(kind) && !isEarlyVersion(before, kind, segment)) {
      const param = this.#child(parent, `{${parameterName(before, kind)}}`, 'param')
      param.kind = kind
      return param
    }
    return this.#child(parent, segment, 'literal')
  }

  /** A new node under its parent; a mixed one is put among its siblings by the caller. */
  #child(parent: PathNode, text: string, form: 'literal' | 'mixed' | 'param'): PathNode {
    this.size += 1
    const node = new PathNode(parent, text, form)
    const pinned = parent.guide === undefined ? undefined : guideOf(parent.guide, node)
    if (pinned !== undefined) {
      node.held = 'pin'
      node.guide = pinned
      node.text = pinned.text
    }
    if (form === 'literal') {
      parent.literals ??= new Map()
      parent.literals.set(text, node)
    } else if (form === 'param') parent.param = node
    return node
  }

  #growPinned(parent: PathNode, pinned: PinGuide, segment: string): PathNode {
    if (pinned.form === 'mixed') return this.#insertMixed(parent, pinned.text)
    const node = this.#child(parent, pinned.text, pinned.form === 'param' ? 'param' : 'literal')
    if (node.form === 'param') {
      node.kind = kindOf(segment)
      node.open = !isTyped(node.kind)
    }
    return node
  }

  /** The mixed child of that form, made where there is none. */
  #mixedHome(
    parent: PathNode,
    fixed: readonly string[],
    name: string | undefined,
    kind: SegmentKind,
  ): PathNode {
    return mixedChild(parent, fixed) ?? this.#growMixed(parent, fixed, name, kind)
  }

  /** @param fixed texts around one placeholder; with more placeholders `name` is the whole segment's text */
  #growMixed(
    parent: PathNode,
    fixed: readonly string[],
    name: string | undefined,
    kind: SegmentKind,
  ): PathNode {
    const before = parent.segments()
    const inner =
      name !== undefined && !before.some(text => text.includes(`{${name}}`))
        ? name
        : parameterName(before, kind)
    return this.#insertMixed(parent, `${fixed[0]}{${inner}}${fixed[1]}`)
  }

  #insertMixed(parent: PathNode, text: string): PathNode {
    const node = this.#child(parent, text, 'mixed')
    parent.mixed ??= []
    parent.mixed.push({ fixed: fixedTexts(text), node })
    // The longest fixed text first: `report-{}.json` before `{}.json`.
    parent.mixed.sort((a, b) => byFixedText(a.fixed, b.fixed))
    return node
  }

  /**
   * The node for a path whose framework says what its segments are. What is pinned stands above it. A word that the route takes for
   * a value goes to the placeholder, if it was learned as a literal before; one that a route names as a literal stays one.
   */
  placeRouted(segments: readonly string[], shape: RouteShape, moved: Moved): PathNode {
    let node = this.root
    for (const [index, segment] of segments.entries()) {
      const text = node.guide?.take(segment) === undefined ? shape[index] : undefined
      node =
        text === undefined
          ? (step(node, segment) ?? this.#grow(node, segment))
          : this.#routed(node, segment, text, moved)
    }
    return node
  }

  #routed(node: PathNode, segment: string, text: string, moved: Moved): PathNode {
    if (!text.includes('{')) {
      const literal = node.literals?.get(segment) ?? this.#child(node, segment, 'literal')
      literal.held ??= 'route'
      return literal
    }
    const fixed = fixedTexts(text)
    const isWhole = fixed.length === 2 && text.startsWith('{') && text.endsWith('}')
    let home = isWhole ? node.param : mixedChild(node, fixed)
    if (home?.held === undefined) {
      const own = unlikeAbove(text, node)
      if (home === undefined) {
        home = isWhole ? this.#child(node, own, 'param') : this.#insertMixed(node, own)
        home.kind = kindOf(segment)
      } else if (home.text !== own) this.#retitle(home, own, moved)
      home.held = 'route'
      home.open = true
    }
    const literal = node.literals?.get(segment)
    if (literal !== undefined && literal.held === undefined) {
      node.literals?.delete(segment)
      this.#remember(segment, node, home)
      this.#fold(literal, home, moved)
    }
    return home
  }

  /** Takes over what is pinned now: places that are pinned take their values in, places that are no longer go on as learned. */
  shape(guide: PinGuide | undefined, moved: Moved): void {
    this.#shapeAt(this.root, guide, moved)
  }

  #shapeAt(node: PathNode, guide: PinGuide | undefined, moved: Moved): void {
    if (node.guide === undefined && guide === undefined) return
    node.guide = guide
    node.settledAt = -1
    for (const child of [...node.children()]) {
      const pinned = guide === undefined ? undefined : guideOf(guide, child)
      if (pinned !== undefined) {
        child.held = 'pin'
        if (child.text !== pinned.text) this.#retitle(child, pinned.text, moved)
      } else if (child.held === 'pin') {
        child.held = undefined
        const text = `{${parameterName(node.segments(), child.kind)}}`
        if (child.form === 'param' && child.text !== text) this.#retitle(child, text, moved)
      }
    }
    for (const pinned of guide?.mixed ?? []) this.#gather(node, pinned, moved)
    if (guide?.param !== undefined) this.#gather(node, guide.param, moved)
    for (const child of [...node.children()])
      this.#shapeAt(child, guide === undefined ? undefined : guideOf(guide, child), moved)
  }

  /** Takes the words and forms in that a pinned placeholder has from now on. */
  #gather(node: PathNode, pinned: PinGuide, moved: Moved): void {
    const guide = node.guide
    if (guide === undefined) return
    const literals = [...(node.literals?.values() ?? [])].filter(({ text }) => guide.take(text) === pinned)
    const forms = (node.mixed ?? []).filter(
      ({ node: { held, text } }) => held !== 'pin' && guide.take(exampleOf(text)) === pinned,
    )
    if (literals.length === 0 && forms.length === 0) return
    const home =
      (pinned.form === 'param' ? node.param : mixedChild(node, pinned.fixed)) ??
      this.#growPinned(node, pinned, literals[0]?.text ?? '')
    for (const child of literals) {
      node.literals?.delete(child.text)
      if (child.free) {
        home.open = true
        this.#remember(child.text, node, home)
      }
      this.#fold(child, home, moved)
    }
    for (const { node: child } of forms) {
      node.mixed = node.mixed?.filter(mixed => mixed.node !== child)
      this.#fold(child, home, moved)
    }
  }

  /** Another name for a placeholder; names below that it takes away get a number. */
  #retitle(node: PathNode, text: string, moved: Moved): void {
    node.text = text
    const before = node.segments().slice(0, -1).flatMap(namesIn)
    this.#renamed(node, before, moved)
  }

  #renamed(node: PathNode, before: readonly string[], moved: Moved): void {
    const names = namesIn(node.text)
    if (names.some(name => before.includes(name)) && node.held !== 'pin') {
      const fixed = fixedTexts(node.text)
      const taken = [...before]
      let text = fixed[0] ?? ''
      for (const [index, name] of names.entries()) {
        const free = unlike(name, taken)
        taken.push(free)
        text += `{${free}}${fixed[index + 1] ?? ''}`
      }
      node.text = text
    }
    for (const record of [...(node.records?.values() ?? [])]) moved(record, node, undefined)
    const below = [...before, ...namesIn(node.text)]
    for (const child of node.children()) this.#renamed(child, below, moved)
  }

  /** Takes in all that is known of another host: the two are one from now on. */
  adopt(other: PathTree, moved: Moved): void {
    this.size += other.size
    this.calls += other.calls
    this.squares += other.squares
    this.misses += other.misses
    this.#fold(other.root, this.root, moved)
    this.shape(this.root.guide, moved)
  }

  /** What is known of the host as a whole. */
  get facts(): HostFacts {
    return {
      callsPerOperation: this.calls === 0 ? 1 : this.squares / this.calls,
      valueElsewhere: (text, at) => {
        const seen = this.#values.peek(text)
        return seen !== undefined && seen !== at.parent
      },
      valueHere: (text, at) => this.#values.peek(text) === at.parent,
    }
  }

  /** What speaks for and against one parameter, for children of a node: as a group, or as further values of its placeholder. */
  judge(node: PathNode, group: readonly PathNode[], threshold = this.#score): Verdict {
    const { facts } = this
    const candidates = group.map(one => ({ node: one, contexts: contextsOf(one) }))
    const { param } = node
    if (param !== undefined) {
      const values = contextsOf(param)
      const sums = candidates.map(one => this.#evidence.ofJoining(one, param, values, facts))
      const most = sums.indexOf(Math.max(...sums))
      const nats = sums[most] ?? 0
      const one = candidates[most]
      if (one !== undefined)
        return {
          evidence: this.#shares.ofJoining(one, param, values, facts, nats),
          nats: rounded(nats),
          threshold: rounded(threshold),
        }
    }
    const nats = this.#evidence.ofGroup(candidates, node, facts)
    return {
      evidence: this.#shares.ofGroup(candidates, node, facts, nats),
      nats: rounded(nats),
      threshold: rounded(threshold),
    }
  }

  /** Groups of children that are kept apart, and would not be were `slack` nats less asked for. */
  nearMerges(node: PathNode, slack: number): readonly (readonly PathNode[])[] {
    return groupsToMerge(node, this.#score - slack, this.#evidence, this.facts)
  }

  /** Looks at a node's literal children again and merges those that are values. True where something changed. */
  review(node: PathNode, moved: Moved, margin: number): boolean {
    let changed = this.#reviewMixed(node, moved)
    const { facts } = this
    const threshold = this.#score + margin - (node.param?.held === 'route' ? routeBonus : 0)
    for (const group of groupsToMerge(node, threshold, this.#evidence, facts)) {
      const verdict =
        node.param?.words?.verdict === undefined ? this.judge(node, group, threshold) : undefined
      for (const part of byHost(group)) {
        const param = this.#homeFor(node, part)
        if (verdict !== undefined) {
          param.words ??= new MergedWords()
          param.words.verdict ??= verdict
        }
        for (const child of part) {
          node.literals?.delete(child.text)
          this.#remember(child.text, node, param)
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
      return this.#mixedHome(node, ['', ending], undefined, 'word')
    }
    if (node.param === undefined) {
      const param = this.#child(node, `{${parameterName(node.segments(), 'word')}}`, 'param')
      param.open = true
      return param
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
      const home = this.#mixedHome(node, [mixed.prefix, mixed.suffix], mixed.name, kindOf(mixed.value))
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
      home = this.#mixedHome(node, ['v', ''], 'version', 'version')
    else {
      const fresh = node.param === undefined
      home = node.param ?? this.#child(node, `{${parameterName(node.segments(), 'version')}}`, 'param')
      if (fresh) home.kind = 'version'
      home.open = true
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
    if (from.words !== undefined) {
      if (to.words === undefined) to.words = from.words
      else to.words.absorb(from.words)
    }
    for (const [method, record] of from.records ?? []) {
      to.records ??= new Map()
      const other = to.records.get(method)
      if (other === undefined) to.records.set(method, record)
      moved(record, to, other)
    }
    for (const child of [...(from.literals?.values() ?? [])]) {
      const home = to.literals?.get(child.text) ?? this.#child(to, child.text, 'literal')
      home.held ??= child.held === 'pin' ? undefined : child.held
      this.#fold(child, home, moved)
    }
    for (const { fixed, node } of [...(from.mixed ?? [])]) {
      const home = mixedChild(to, fixed) ?? this.#insertMixed(to, this.#freed(node, to))
      this.#fold(node, home, moved)
    }
    if (from.param === undefined) return
    const fresh = to.param === undefined
    const home = to.param ?? this.#child(to, this.#freed(from.param, to), 'param')
    if (fresh) home.kind = from.param.kind
    home.open ||= from.param.open
    home.held ??= from.param.held === 'pin' ? undefined : from.param.held
    this.#fold(from.param, home, moved)
  }

  /** What a placeholder is called under another parent. */
  #freed(node: PathNode, parent: PathNode): string {
    const fixed = fixedTexts(node.text)
    if (node.held !== 'route' && fixed.length === 2)
      return `${fixed[0]}{${parameterName(parent.segments(), node.kind)}}${fixed[1]}`
    const taken = parent.segments().flatMap(namesIn)
    let text = fixed[0] ?? ''
    for (const [index, name] of namesIn(node.text).entries()) {
      const own = unlike(name, taken)
      taken.push(own)
      text += `{${own}}${fixed[index + 1] ?? ''}`
    }
    return text
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

/** `/2.0/files`, `/api/2/files`: a decimal at the front of a path or after one word, a digit at the front or after `api`, is a version. */
const isEarlyVersion = (before: readonly string[], kind: SegmentKind, segment: string): boolean =>
  (kind === 'decimal' && segment.length <= 4 && before.length <= 1) ||
  (kind === 'int' &&
    segment.length === 1 &&
    (before.length === 0 || /^(?:api|apis|rest)$/i.test(before[before.length - 1]!)))

/** A template's segment with names that none above has. */
function unlikeAbove(text: string, parent: PathNode): string {
  const taken = parent.segments().flatMap(namesIn)
  const fixed = fixedTexts(text)
  let own = fixed[0] ?? ''
  for (const [index, name] of namesIn(text).entries()) {
    const free = unlike(name, taken)
    taken.push(free)
    own += `{${free}}${fixed[index + 1] ?? ''}`
  }
  return own
}

/** The pinned place that a node is, seen from its parent's. */
function guideOf(guide: PinGuide, node: PathNode): PinGuide | undefined {
  if (node.form === 'literal') return guide.literals?.get(node.text)
  if (node.form === 'param') return guide.param
  const key = fixedTexts(node.text).join('{}')
  return guide.mixed?.find(({ fixed }) => fixed.join('{}') === key)
}

/** The node of a pinned place under its parent, where there is one. */
function pinnedChild(node: PathNode, pinned: PinGuide): PathNode | undefined {
  if (pinned.form === 'literal') return node.literals?.get(pinned.text)
  return pinned.form === 'param' ? node.param : mixedChild(node, pinned.fixed)
}

function mixedChild(node: PathNode, fixed: readonly string[]): PathNode | undefined {
  if (node.mixed === undefined) return undefined
  const key = fixed.join('{}')
  return node.mixed.find(mixed => mixed.fixed.join('{}') === key)?.node
}

/** Something that fits a template's segment. */
const exampleOf = (text: string): string => text.replace(/\{[^{}]*\}/g, '0')

/** Where one segment leads, greedily; undefined where the tree has nothing for it. */
function step(node: PathNode, segment: string): PathNode | undefined {
  const pinned = node.guide?.take(segment)
  if (pinned !== undefined) return pinnedChild(node, pinned)
  const literal = node.literals?.get(segment)
  if (literal !== undefined) return literal
  for (const { fixed, node: child } of node.mixed ?? []) if (fitsBetween(segment, fixed)) return child
  return node.param !== undefined && fits(node.param, segment) ? node.param : undefined
}

function fits(param: PathNode, segment: string): boolean {
  if (segment === '') return false
  if (param.open) return !isFixedWord(segment)
  return isTyped(kindOf(segment)) && mixedOf(segment)?.certain !== true
}

interface Walk {
  /** Steps it may still take. */
  left: number
  /** False where what is pinned does not count. */
  readonly guided: boolean
}

function descend(
  node: PathNode,
  segments: readonly string[],
  index: number,
  method: string,
  walk: Walk,
): PathNode | undefined {
  if (index === segments.length) return node.records?.has(method) === true ? node : undefined
  walk.left -= 1
  if (walk.left < 0) return undefined
  const segment = segments[index] ?? ''
  if (node.guide !== undefined && walk.guided) {
    const pinned = node.guide.take(segment)
    if (pinned !== undefined) {
      const child = pinnedChild(node, pinned)
      return child === undefined ? undefined : descend(child, segments, index + 1, method, walk)
    }
  }
  const literal = node.literals?.get(segment)
  if (literal !== undefined) {
    const found = descend(literal, segments, index + 1, method, walk)
    if (found !== undefined) return found
  }
  if (node.mixed !== undefined) {
    for (const { fixed, node: child } of node.mixed) {
      if (!fitsBetween(segment, fixed)) continue
      const found = descend(child, segments, index + 1, method, walk)
      if (found !== undefined) return found
    }
  }
  if (
    node.param !== undefined &&
    (fits(node.param, segment) || (node.param.held === 'pin' && segment !== ''))
  )
    return descend(node.param, segments, index + 1, method, walk)
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
