import { keptWhole } from '../../kit/snapshot.ts'
import type { MergedWords, Verdict } from '../directions/merged-words.ts'
import type { PinGuide } from '../directions/pin-guide.ts'
import type { EndpointRecord } from '../endpoint-record.ts'
import type { SegmentKind } from './segment-kind.ts'
import type { ValueProfiles } from './value-profiles.ts'
import { isFree, valueLeaning } from './vocabulary.ts'

/** One place in a host's tree of paths. */
export class PathNode {
  readonly parent: PathNode | undefined
  /** What stands in a template here: a literal, `{name}`, or a mixed segment with placeholders in it. */
  text: string
  readonly form: 'root' | 'literal' | 'mixed' | 'param'
  literals: Map<string, PathNode> | undefined
  mixed: MixedChild[] | undefined
  param: PathNode | undefined
  /** On a placeholder: any word fits, not only values of a typed kind. */
  open = false
  kind: SegmentKind = 'word'
  /**
   * Why it is not judged by evidence: a person pinned it, the serving framework's route names it, or its answers told it apart from the
   * placeholder beside it.
   */
  held: 'pin' | 'route' | 'answers' | undefined
  /** What is pinned below. */
  guide: PinGuide | undefined
  /** On a placeholder: the words that became its values, and why. */
  words: MergedWords | undefined
  /** On an open placeholder: what its words are called for. */
  profiles: ValueProfiles | undefined
  /** On a literal that its answers told apart: what showed it. */
  verdict: Verdict | undefined
  records: Map<string, EndpointRecord> | undefined
  visits = 0
  /** Number of the last call that came through, for least-recently-used eviction. */
  lastUse = 0
  /** Visits when the place was last settled. */
  settledAt = 0
  /** Visits at which the children are looked at again. */
  nextReview = 4
  /** Literal children at which they are looked at again: rarer the more there are, so that the cost stays even. */
  nextGrowth = 2

  private _leaning: number | undefined
  private _free: boolean | undefined

  constructor(parent: PathNode | undefined, text: string, form: PathNode['form']) {
    this.parent = parent
    this.text = text
    this.form = form
  }

  /** Texts from the root to here. */
  segments(): string[] {
    const segments: string[] = []
    for (
      let node: PathNode | undefined = this;
      node !== undefined && node.form !== 'root';
      node = node.parent
    )
      segments.push(node.text)
    return segments.reverse()
  }

  template(): string {
    return `/${this.segments().join('/')}`
  }

  *children(): Generator<PathNode> {
    if (this.literals !== undefined) yield* this.literals.values()
    for (const mixed of this.mixed ?? []) yield mixed.node
    if (this.param !== undefined) yield this.param
  }

  /** What the text alone says, as `valueLeaning`; worked out once. */
  get leaning(): number {
    this._leaning ??= valueLeaning(this.text)
    return this._leaning
  }

  /** A word that may be a value, as `isFree`; worked out once. */
  get free(): boolean {
    if (this.held !== undefined) return false
    this._free ??= this.form === 'literal' && isFree(this.text)
    return this._free
  }

  get isLeaf(): boolean {
    return (this.literals?.size ?? 0) === 0 && (this.mixed?.length ?? 0) === 0 && this.param === undefined
  }

  static {
    keptWhole(PathNode, 'catalog/path-node', 1)
  }
}

export interface MixedChild {
  /** The fixed texts around its placeholders, one more than there are. */
  readonly fixed: readonly string[]
  readonly node: PathNode
}
