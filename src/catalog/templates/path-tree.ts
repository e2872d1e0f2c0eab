import type { ApiCall } from '../../call/api-call.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import { keptWhole } from '../../kit/snapshot.ts'
import { EvidenceShares, rounded } from '../directions/evidence-shares.ts'
import { MergedWords, type Verdict } from '../directions/merged-words.ts'
import { type PinGuide, unlike } from '../directions/pin-guide.ts'
import type { EndpointRecord } from '../endpoint-record.ts'
import { byFixedText, fitsBetween, fixedTexts, namesIn } from '../placeholders.ts'
import type { RouteShape } from '../routes/route-shapes.ts'
import { contextsOf } from './context.ts'
import { Evidence, type EvidenceTerm, type HostFacts } from './evidence.ts'
import { extensionOf, isFormat } from './extension.ts'
import { type FormatSplit, formatsToSplit } from './format-split.ts'
import { groupsToMerge } from './merge-decision.ts'
import { mixedKey, mixedOf } from './mixed-segment.ts'
import { parameterName } from './parameter-name.ts'
import { PathNode } from './path-node.ts'
import { isTyped, kindOf, type SegmentKind } from './segment-kind.ts'
import { type Split, wordsToSplit } from './split-decision.ts'
import { takesValue } from './takes-value.ts'
import type { ValueProfile } from './value-profile.ts'
import { ValueBudget, ValueProfiles } from './value-profiles.ts'
import { ValueUse } from './value-use.ts'
import { isFree, valueLeaning } from './vocabulary.ts'

/** Steps a lookup may take before it gives up: a tree built to be ambiguous at every level cannot cost more. */
const maxSteps = 256

/** Words of a host remembered as values. */
const maxValues = 4_096
const maxValueLength = 64

/** Nats less that are asked of a word beside a placeholder that the serving framework's route names. */
const routeBonus = 2

/** Words of one placeholder that may be told apart by what they answer. */
const maxSplits = 32

export interface Placed {
  readonly node: PathNode
  /** True where nodes had to be made. */
  readonly fresh: boolean
}

/** Called for each record whose place changed: re-homed (`into` undefined) or absorbed by another record. */
export type Moved = (record: EndpointRecord, home: PathNode, into: EndpointRecord | undefined) => void

/** Called for what a word was used for at an operation of its placeholder, when the word becomes a literal: `home` is its place from now on. */
export type Parted = (use: ValueUse, from: PathNode, home: PathNode) => EndpointRecord

/** One host's paths as a tree of literal, mixed and placeholder segments. */
export class PathTree {
  readonly root: PathNode
  private readonly score: number
  private readonly evidence: Evidence
  private readonly shares: EvidenceShares
  /** Words taken as values, and the place of the first: bounded, the least recently used go. */
  private readonly values = new BoundedMap<string, PathNode>(maxValues)
  size = 1
  /** Calls of unknown paths that were answered with 404: a host that does so does not answer everything. */
  misses = 0
  /** Calls of all operations, and the sum of their squares: what a typical operation gets. */
  calls = 0
  squares = 0

  private readonly budget: ValueBudget
  /** Where the path that was asked about last had strangers. */
  private readonly strangers: number[] = []

  constructor(
    score: number,
    without: readonly EvidenceTerm[] = [],
    guide: PinGuide | undefined = undefined,
    budget = new ValueBudget(0),
  ) {
    this.budget = budget
    this.root = new PathNode(undefined, '', 'root')
    this.root.guide = guide
    this.score = score
    this.evidence = new Evidence(without)
    this.shares = new EvidenceShares(without)
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
        !(next.form === 'param' && (index === literalAt || this.doubts(next, segments, index, method)))
      ) {
        node = next
        continue
      }
      fresh = true
      node = this.grow(node, segment)
    }
    return { node, fresh }
  }

  /**
   * A word that was not met as a value here and looks like the name of an operation, or leads to one that the placeholder
   * does not have: stays a word until the evidence says otherwise.
   */
  private doubts(param: PathNode, segments: readonly string[], index: number, method: string): boolean {
    const segment = segments[index]!
    if (!param.open || param.held === 'pin' || !isFree(segment)) return false
    if (this.values.peek(segment) === param.parent) return false
    const leaning = valueLeaning(segment)
    if (leaning < -1) return true
    return leaning < 1.5 && !this.leads(param, segments, index + 1, method)
  }

  private leads(from: PathNode, segments: readonly string[], index: number, method: string): boolean {
    return descend(from, segments, index, method, { left: maxSteps, guided: true }) !== undefined
  }

  /**
   * Where a path passes a placeholder with a word it was not seen to take: the first such place, or -1. The node is
   * where the path leads. What is answered tells whether the word is a value or an operation of its own.
   */
  strangerAt(segments: readonly string[], node: PathNode): number {
    let at: PathNode | undefined = node
    let found = -1
    this.strangers.length = 0
    for (let index = segments.length - 1; index >= 0 && at !== undefined; index -= 1, at = at.parent) {
      if (at.form !== 'param' || !at.open || at.held === 'pin') continue
      const segment = segments[index]!
      if (this.values.peek(segment) === at.parent || at.profiles?.has(segment) === true) continue
      if (!isFree(segment)) continue
      found = index
      this.strangers.push(index)
    }
    return found
  }

  /** Counts a call for the words of its path that are values of open placeholders. */
  heed(segments: readonly string[], node: PathNode, record: EndpointRecord, call: ApiCall): void {
    let at: PathNode | undefined = node
    for (let index = segments.length - 1; index >= 0 && at !== undefined; index -= 1, at = at.parent) {
      if (!at.open || at.held !== undefined) continue
      this.profilesOf(at).learn(segments[index]!, record, call)
    }
  }

  /** What the words of a placeholder are called for; at first all that it took before is one. */
  private profilesOf(param: PathNode): ValueProfiles {
    if (param.profiles !== undefined) return param.profiles
    const profiles = new ValueProfiles(this.budget)
    for (const { record } of contextsOf(param)) profiles.rest.add(ValueUse.of(record, record))
    profiles.calls = profiles.rest.calls
    param.profiles = profiles
    return profiles
  }

  /** Remembers the words of a path as values of the placeholders it passed; `strangerAt` was asked of it before. */
  welcome(segments: readonly string[], node: PathNode): void {
    let at: PathNode | undefined = node
    for (let index = segments.length - 1; index >= 0 && at !== undefined; index -= 1, at = at.parent) {
      if (at.form !== 'param' || !at.open || at.parent === undefined) continue
      this.remember(segments[index]!, at.parent, at)
      if (at.held === undefined && this.strangers.includes(index)) this.profilesOf(at).admit(segments[index]!)
    }
  }

  private remember(text: string, parent: PathNode, home: PathNode): void {
    if (text.length > maxValueLength || this.values.has(text)) return
    this.values.set(text, parent)
    home.words ??= new MergedWords()
    home.words.add(text)
  }

  /** A word is told apart from the placeholder beside it: no value of it any more. */
  forget(word: string, parent: PathNode): void {
    for (const child of valued(parent)) child.profiles?.part(word)
    if (this.values.peek(word) !== parent) return
    this.values.delete(word)
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

  private grow(parent: PathNode, segment: string): PathNode {
    const pinned = parent.guide?.take(segment)
    if (pinned !== undefined) return this.growPinned(parent, pinned, segment)
    const mixed = mixedOf(segment)
    if (mixed?.certain === true)
      return this.growMixed(parent, [mixed.prefix, mixed.suffix], mixed.name, kindOf(mixed.value))
    const kind = kindOf(segment)
    const before = parent.segments()
    if (parent.param === undefined && isTyped(kind) && !isEarlyVersion(before, kind, segment)) {
      const param = this.child(parent, `{${parameterName(before, kind)}}`, 'param')
      param.kind = kind
      return param
    }
    return this.child(parent, segment, 'literal')
  }

  /** A new node under its parent; a mixed one is put among its siblings by the caller. */
  private child(parent: PathNode, text: string, form: 'literal' | 'mixed' | 'param'): PathNode {
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

  private growPinned(parent: PathNode, pinned: PinGuide, segment: string): PathNode {
    if (pinned.form === 'mixed') return this.insertMixed(parent, pinned.text)
    const node = this.child(parent, pinned.text, pinned.form === 'param' ? 'param' : 'literal')
    if (node.form === 'param') {
      node.kind = kindOf(segment)
      node.open = !isTyped(node.kind)
    }
    return node
  }

  /** The mixed child of that form, made where there is none. */
  private mixedHome(
    parent: PathNode,
    fixed: readonly string[],
    name: string | undefined,
    kind: SegmentKind,
  ): PathNode {
    return mixedChild(parent, fixed) ?? this.growMixed(parent, fixed, name, kind)
  }

  /** @param fixed texts around one placeholder; with more placeholders `name` is the whole segment's text */
  private growMixed(
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
    return this.insertMixed(parent, `${fixed[0]}{${inner}}${fixed[1]}`)
  }

  private insertMixed(parent: PathNode, text: string): PathNode {
    const node = this.child(parent, text, 'mixed')
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
          ? (step(node, segment) ?? this.grow(node, segment))
          : this.routed(node, segment, text, moved)
    }
    return node
  }

  private routed(node: PathNode, segment: string, text: string, moved: Moved): PathNode {
    if (!text.includes('{')) {
      const literal = node.literals?.get(segment) ?? this.child(node, segment, 'literal')
      literal.held ??= 'route'
      return literal
    }
    const fixed = fixedTexts(text)
    const isWhole = fixed.length === 2 && text.startsWith('{') && text.endsWith('}')
    let home = isWhole ? node.param : mixedChild(node, fixed)
    if (home?.held === undefined) {
      const own = unlikeAbove(text, node)
      if (home === undefined) {
        home = isWhole ? this.child(node, own, 'param') : this.insertMixed(node, own)
        home.kind = kindOf(segment)
      } else if (home.text !== own) this.retitle(home, own, moved)
      home.held = 'route'
      home.open = true
    }
    const literal = node.literals?.get(segment)
    if (literal !== undefined && literal.held === undefined) {
      node.literals?.delete(segment)
      this.remember(segment, node, home)
      this.fold(literal, home, moved)
    }
    return home
  }

  /** Takes over what is pinned now: places that are pinned take their values in, places that are no longer go on as learned. */
  shape(guide: PinGuide | undefined, moved: Moved): void {
    this.shapeAt(this.root, guide, moved)
  }

  private shapeAt(node: PathNode, guide: PinGuide | undefined, moved: Moved): void {
    if (node.guide === undefined && guide === undefined) return
    node.guide = guide
    node.settledAt = -1
    for (const child of [...node.children()]) {
      const pinned = guide === undefined ? undefined : guideOf(guide, child)
      if (pinned !== undefined) {
        child.held = 'pin'
        if (child.text !== pinned.text) this.retitle(child, pinned.text, moved)
      } else if (child.held === 'pin') {
        child.held = undefined
        const text = `{${parameterName(node.segments(), child.kind)}}`
        if (child.form === 'param' && child.text !== text) this.retitle(child, text, moved)
      }
    }
    for (const pinned of guide?.mixed ?? []) this.gather(node, pinned, moved)
    if (guide?.param !== undefined) this.gather(node, guide.param, moved)
    for (const child of [...node.children()])
      this.shapeAt(child, guide === undefined ? undefined : guideOf(guide, child), moved)
  }

  /** Takes the words and forms in that a pinned placeholder has from now on. */
  private gather(node: PathNode, pinned: PinGuide, moved: Moved): void {
    const guide = node.guide
    if (guide === undefined) return
    const literals = [...(node.literals?.values() ?? [])].filter(({ text }) => guide.take(text) === pinned)
    const forms = (node.mixed ?? []).filter(
      ({ node: { held, text } }) => held !== 'pin' && guide.take(exampleOf(text)) === pinned,
    )
    if (literals.length === 0 && forms.length === 0) return
    const home =
      (pinned.form === 'param' ? node.param : mixedChild(node, pinned.fixed)) ??
      this.growPinned(node, pinned, literals[0]?.text ?? '')
    for (const child of literals) {
      node.literals?.delete(child.text)
      if (child.free) {
        home.open = true
        this.remember(child.text, node, home)
      }
      this.fold(child, home, moved)
    }
    for (const { node: child } of forms) {
      node.mixed = node.mixed?.filter(mixed => mixed.node !== child)
      this.fold(child, home, moved)
    }
  }

  /** Another name for a placeholder; names below that it takes away get a number. */
  private retitle(node: PathNode, text: string, moved: Moved): void {
    node.text = text
    const before = node.segments().slice(0, -1).flatMap(namesIn)
    this.renamed(node, before, moved)
  }

  private renamed(node: PathNode, before: readonly string[], moved: Moved): void {
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
    for (const child of node.children()) this.renamed(child, below, moved)
  }

  /** Takes in all that is known of another host: the two are one from now on. */
  adopt(other: PathTree, moved: Moved): void {
    this.size += other.size
    this.calls += other.calls
    this.squares += other.squares
    this.misses += other.misses
    this.fold(other.root, this.root, moved)
    this.shape(this.root.guide, moved)
  }

  /** What is known of the host as a whole. */
  get facts(): HostFacts {
    return {
      callsPerOperation: this.calls === 0 ? 1 : this.squares / this.calls,
      valueElsewhere: (text, at) => {
        const seen = this.values.peek(text)
        return seen !== undefined && seen !== at.parent
      },
      valueHere: (text, at) => this.values.peek(text) === at.parent,
    }
  }

  /** What speaks for and against one parameter, for children of a node: as a group, or as further values of its placeholder. */
  judge(node: PathNode, group: readonly PathNode[], threshold = this.score): Verdict {
    const { facts } = this
    const candidates = group.map(one => ({ node: one, contexts: contextsOf(one) }))
    const { param } = node
    if (param !== undefined) {
      const values = contextsOf(param)
      const sums = candidates.map(one => this.evidence.ofJoining(one, param, values, facts))
      const most = sums.indexOf(Math.max(...sums))
      const nats = sums[most] ?? 0
      const one = candidates[most]
      if (one !== undefined)
        return {
          evidence: this.shares.ofJoining(one, param, values, facts, nats),
          nats: rounded(nats),
          threshold: rounded(threshold),
        }
    }
    const nats = this.evidence.ofGroup(candidates, node, facts)
    return {
      evidence: this.shares.ofGroup(candidates, node, facts, nats),
      nats: rounded(nats),
      threshold: rounded(threshold),
    }
  }

  /** Groups of children that are kept apart, and would not be were `slack` nats less asked for. */
  nearMerges(node: PathNode, slack: number): readonly (readonly PathNode[])[] {
    return groupsToMerge(node, this.score - slack, this.evidence, this.facts)
  }

  /** Looks at a node's literal children again and merges those that are values. True where something changed. */
  review(node: PathNode, moved: Moved, margin: number): boolean {
    let changed = this.reviewMixed(node, moved)
    const { facts } = this
    const threshold = this.score + margin - (node.param?.held === 'route' ? routeBonus : 0)
    for (const group of groupsToMerge(node, threshold, this.evidence, facts)) {
      const verdict =
        node.param?.words?.verdict === undefined ? this.judge(node, group, threshold) : undefined
      for (const part of byHost(group)) {
        const param = this.homeFor(node, part)
        if (verdict !== undefined) {
          param.words ??= new MergedWords()
          param.words.verdict ??= verdict
        }
        for (const child of part) {
          node.literals?.delete(child.text)
          this.remember(child.text, node, param)
          this.foldValue(child, param, moved)
        }
      }
      changed = true
    }
    return changed
  }

  /** Folds a word into its placeholder and keeps what it was called for. */
  private foldValue(child: PathNode, param: PathNode, moved: Moved): void {
    const { text } = child
    if (!param.open || param.held !== undefined) {
      this.fold(child, param, moved)
      return
    }
    const profiles = this.profilesOf(param)
    const uses: ValueUse[] = []
    this.fold(child, param, moved, uses)
    const profile = profiles.admit(text) ?? profiles.rest
    for (const use of uses) {
      profiles.calls += use.calls
      profile.add(use)
    }
    profiles.lastNew = profiles.calls
  }

  /**
   * Looks at the words that a node's placeholder takes and gives each that is an operation of its own a place beside it. True where there
   * was one.
   */
  part(node: PathNode, parted: Parted): boolean {
    let changed = false
    for (const child of valued(node)) changed = this.partAt(node, child, parted) || changed
    return changed
  }

  private partAt(node: PathNode, param: PathNode, parted: Parted): boolean {
    const { profiles } = param
    if (profiles === undefined || param.held !== undefined) return false
    if (profiles.judgedAt === profiles.calls) return false
    profiles.judgedAt = profiles.calls
    profiles.nextJudged = Math.ceil(profiles.calls * 1.25)
    const trails = trailsOf(param)
    profiles.renew(record => {
      let at: EndpointRecord | undefined = record
      for (let hops = 0; at !== undefined && !trails.has(at) && hops < 16; hops += 1) at = at.successor
      return at !== undefined && trails.has(at) ? at : undefined
    })
    let held = 0
    for (const child of node.literals?.values() ?? []) if (child.held === 'answers') held += 1
    const splits = wordsToSplit(profiles).slice(0, Math.max(0, maxSplits - held))
    for (const split of splits) this.split(node, split, trails, parted)
    const [last] = profiles.words
    // A placeholder with one word is none.
    if (splits.length > 0 && last !== undefined && profiles.words.size === 1 && isAlone(profiles))
      this.split(
        node,
        { word: last[0], profile: last[1], verdict: splits[splits.length - 1]!.verdict },
        trails,
        parted,
      )
    const formats = param.form === 'param' ? formatsToSplit(profiles) : []
    for (const { ending, words } of formats) this.splitFormat(node, ending, words, trails, parted)
    return splits.length + formats.length > 0
  }

  /** Values with a common ending go to a placeholder before it. */
  private splitFormat(
    node: PathNode,
    ending: string,
    words: FormatSplit['words'],
    trails: Trails,
    parted: Parted,
  ): void {
    const home = this.mixedHome(node, ['', ending], undefined, 'word')
    home.open = home.held === undefined
    for (const [word, profile] of words) {
      this.forget(word, node)
      this.settle(node, home, profile, trails, parted)
      this.remember(word, node, home)
      if (home.held !== undefined) continue
      home.profiles ??= new ValueProfiles(this.budget)
      home.profiles.calls += profile.calls
      ;(home.profiles.admit(word) ?? home.profiles.rest).absorb(profile)
    }
  }

  private split(node: PathNode, { word, profile, verdict }: Split, trails: Trails, parted: Parted): void {
    this.forget(word, node)
    const literal = node.literals?.get(word) ?? this.child(node, word, 'literal')
    literal.held ??= 'answers'
    literal.verdict = verdict
    this.settle(node, literal, profile, trails, parted)
  }

  /** Gives what a value was called for to another child of the same node. */
  private settle(
    node: PathNode,
    child: PathNode,
    profile: ValueProfile,
    trails: Trails,
    parted: Parted,
  ): void {
    for (const use of profile.uses) {
      const trail = trails.get(use.record)
      if (trail === undefined) continue
      let home = child
      for (const step of trail.slice(1)) home = this.twin(home, step)
      home.visits += use.calls
      for (let at: PathNode | undefined = home.parent; at !== undefined && at !== node; at = at.parent)
        at.visits += use.calls
      use.record = parted(use, trail[trail.length - 1]!, home)
    }
  }

  /** The child that stands for another node's, under another parent. */
  private twin(parent: PathNode, node: PathNode): PathNode {
    if (node.form === 'literal') {
      const known = parent.literals?.get(node.text)
      if (known !== undefined) return known
      const made = this.child(parent, node.text, 'literal')
      if (node.held === 'route' || node.held === 'answers') made.held = node.held
      return made
    }
    if (node.form === 'mixed') {
      const fixed = fixedTexts(node.text)
      return mixedChild(parent, fixed) ?? this.insertMixed(parent, this.freed(node, parent))
    }
    const fresh = parent.param === undefined
    const home = parent.param ?? this.child(parent, this.freed(node, parent), 'param')
    if (fresh) home.kind = node.kind
    home.open ||= node.open
    if (node.held === 'route') home.held ??= 'route'
    return home
  }

  /** Where a group goes: a placeholder before a common ending (`{id}.atom`), or the node's placeholder. */
  private homeFor(node: PathNode, group: readonly PathNode[]): PathNode {
    const ending =
      group.length < 2
        ? undefined
        : (commonHost(group) ??
          (node.param === undefined ? commonExtension(group, node.literals?.size ?? 0) : undefined))
    if (ending !== undefined) {
      const home = this.mixedHome(node, ['', ending], undefined, 'word')
      home.open = true
      return home
    }
    if (node.param === undefined) {
      const param = this.child(node, `{${parameterName(node.segments(), 'word')}}`, 'param')
      param.open = true
      return param
    }
    node.param.open = true
    return node.param
  }

  /** `report-1.json` and `report-2.json` are `report-{reportId}.json`. */
  private reviewMixed(node: PathNode, moved: Moved): boolean {
    const patterns = new Map<string, PathNode[]>()
    for (const child of node.literals?.values() ?? []) {
      const mixed = child.text.length > 4 && /\d/.test(child.text) ? mixedOf(child.text) : undefined
      if (mixed === undefined) continue
      const key = mixedKey(mixed)
      const group = patterns.get(key)
      if (group === undefined) patterns.set(key, [child])
      else group.push(child)
    }
    let changed = this.reviewVersions(node, moved)
    for (const group of patterns.values()) {
      if (group.length < 2) continue
      const mixed = mixedOf(group[0]!.text)!
      const home = this.mixedHome(node, [mixed.prefix, mixed.suffix], mixed.name, kindOf(mixed.value))
      for (const child of group) {
        node.literals?.delete(child.text)
        this.fold(child, home, moved)
      }
      changed = true
    }
    return changed
  }

  /** Many full versions side by side are values: `/api/v{version}/sites`, `/packages/{packageId}/{version}`. */
  private reviewVersions(node: PathNode, moved: Moved): boolean {
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
      home = this.mixedHome(node, ['v', ''], 'version', 'version')
    else {
      const fresh = node.param === undefined
      home = node.param ?? this.child(node, `{${parameterName(node.segments(), 'version')}}`, 'param')
      if (fresh) home.kind = 'version'
      home.open = true
    }
    for (const child of group) {
      node.literals?.delete(child.text)
      this.fold(child, home, moved)
    }
    return true
  }

  /** Moves everything at and under `from` to `to`; where both have something, the records become one. */
  private fold(from: PathNode, to: PathNode, moved: Moved, uses: ValueUse[] | undefined = undefined): void {
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
      uses?.push(ValueUse.of(record, other ?? record))
      if (other === undefined) to.records.set(method, record)
      else record.successor = other
      moved(record, to, other)
    }
    if (from.profiles !== undefined) {
      if (to.profiles === undefined && to.open) to.profiles = from.profiles
      else if (to.profiles !== undefined) to.profiles.absorb(from.profiles)
      else from.profiles.dispose()
      from.profiles = undefined
    }
    for (const child of [...(from.literals?.values() ?? [])]) {
      const home = to.literals?.get(child.text) ?? this.child(to, child.text, 'literal')
      home.held ??= child.held === 'pin' ? undefined : child.held
      home.verdict ??= child.verdict
      this.fold(child, home, moved, uses)
    }
    for (const { fixed, node } of [...(from.mixed ?? [])]) {
      const home = mixedChild(to, fixed) ?? this.insertMixed(to, this.freed(node, to))
      home.open ||= node.open
      this.fold(node, home, moved, uses)
    }
    if (from.param === undefined) return
    const fresh = to.param === undefined
    const home = to.param ?? this.child(to, this.freed(from.param, to), 'param')
    if (fresh) home.kind = from.param.kind
    home.open ||= from.param.open
    home.held ??= from.param.held === 'pin' ? undefined : from.param.held
    this.fold(from.param, home, moved, uses)
  }

  /** What a placeholder is called under another parent. */
  private freed(node: PathNode, parent: PathNode): string {
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

  /** Gives back what it holds of the catalog's bounds; not used after this. */
  dispose(): void {
    release(this.root)
  }

  /** Takes a node out with all that is under it. */
  remove(node: PathNode): void {
    const { parent } = node
    if (parent === undefined) return
    if (node.form === 'literal') parent.literals?.delete(node.text)
    else if (node.form === 'param') parent.param = undefined
    else parent.mixed = parent.mixed?.filter(mixed => mixed.node !== node)
    this.size -= count(node)
    release(node)
  }

  static {
    keptWhole(PathTree, 'catalog/path-tree', 1)
  }
}

/** The placeholders of a place whose values are told apart. */
export function valued(node: PathNode): readonly PathNode[] {
  const found: PathNode[] = []
  for (const { node: child } of node.mixed ?? []) if (child.profiles !== undefined) found.push(child)
  if (node.param?.profiles !== undefined) found.push(node.param)
  return found
}

/** Values that are all told apart, and none was lost. */
const isAlone = (profiles: ValueProfiles): boolean => profiles.rest.calls === 0 && profiles.lost === 0

type Trails = ReadonlyMap<EndpointRecord, readonly PathNode[]>

/** The records at and under a node, each with the nodes that lead to it. */
function trailsOf(node: PathNode): Trails {
  const trails = new Map<EndpointRecord, readonly PathNode[]>()
  const visit = (at: PathNode, trail: readonly PathNode[]): void => {
    const here = [...trail, at]
    for (const record of at.records?.values() ?? []) trails.set(record, here)
    for (const child of at.children()) visit(child, here)
  }
  visit(node, [])
  return trails
}

/** Gives back what a place that goes holds of the catalog's bounds. */
function release(node: PathNode): void {
  node.profiles?.dispose()
  for (const child of node.children()) release(child)
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

const fullVersion = /^v?\d{1,4}\.\d{1,4}\.\d{1,4}$/

/** `.atom` where every text ends in it and none is only that; undefined where they differ or may yet. */
function commonExtension(group: readonly PathNode[], siblings: number): string | undefined {
  const ending = extensionOf(group[0]?.text ?? '')
  if (ending === undefined) return undefined
  // Files that people name come with any ending: a few that agree are an accident.
  if (group.length < (isFormat(ending) ? 2 : 5) || siblings > group.length * 2) return undefined
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

const fits = (param: PathNode, segment: string): boolean => takesValue(param.open, segment)

/** Indices of the segments up to a node whose placeholder takes typed values only, and of those that are open. */
export function valuesTaken(node: PathNode): {
  readonly typed: readonly number[]
  readonly open: readonly number[]
} {
  const typed: number[] = []
  const open: number[] = []
  let index = -1
  for (let at: PathNode | undefined = node.parent; at !== undefined; at = at.parent) index += 1
  for (let at: PathNode | undefined = node; at !== undefined; at = at.parent, index -= 1)
    if (at.form === 'param' && at.held !== 'pin') (at.open ? open : typed).push(index)
  return { typed, open }
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
