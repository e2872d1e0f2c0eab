import type { PathNode } from './path-node.ts'
import { similarity } from './response-shape.ts'
import { kindOf } from './segment-kind.ts'
import { isFixedWord, valueLeaning } from './vocabulary.ts'

/** Answers of two operations this alike may be one operation. */
const alike = 0.45

/** Kinds of answer told apart under one node; words that answer in yet another way stay as they are. */
const maxGroups = 16

/**
 * Which literal children of a node are values of one parameter. Returns groups of at least two (one, where the node
 * already takes any word), each with more evidence for it than `score` nats.
 */
export function groupsToMerge(node: PathNode, score: number): readonly (readonly PathNode[])[] {
  const literals = node.literals
  if (literals === undefined) return []
  const free = [...literals.values()].filter(child => isFree(child))
  if (node.param?.open === true) return free.filter(child => joins(child, node.param!)).map(child => [child])
  const { param } = node
  if (param !== undefined) {
    // Beside identifiers: a word that answers as they do, and looks like one or is followed by the same.
    const joining = free.filter(
      child => sharesSomething(child, param) && joinScore(child, param) > score && compatible(child, param),
    )
    if (joining.length > 0) return [joining]
  }
  if (free.length < 2) return []
  const groups: PathNode[][] = []
  for (const child of free) {
    const home = groups.find(group => compatibleWith(group, child))
    if (home !== undefined) home.push(child)
    else if (groups.length < maxGroups) groups.push([child])
  }
  const accepted: PathNode[][] = []
  for (const group of groups) {
    if (group.length < 2) continue
    if (node.param !== undefined && !compatible(group[0]!, node.param)) continue
    if (evidence(group, node) > score) accepted.push(group)
  }
  return accepted
}

/** Only words can be values in disguise; versions, locales and operation names stay. */
function isFree(node: PathNode): boolean {
  const kind = kindOf(node.text)
  return (kind === 'word' || kind === 'locale') && !isFixedWord(node.text)
}

/** A literal that turned up beside a placeholder that takes any word. */
function joins(child: PathNode, param: PathNode): boolean {
  if (valueLeaning(child.text) < -2.5) return false
  return compatible(child, param) && sharesSomething(child, param)
}

function sharesSomething(a: PathNode, b: PathNode): boolean {
  for (const method of a.records?.keys() ?? []) if (b.records?.has(method) === true) return true
  for (const key of a.literals?.keys() ?? []) if (b.literals?.has(key) === true) return true
  return a.param !== undefined && b.param !== undefined
}

/** Nats for "another value of this placeholder" against "a word of its own beside it". */
function joinScore(child: PathNode, param: PathNode): number {
  return (
    -2.5 +
    valueLeaning(child.text) +
    structureLeaning(child) +
    shapeBonus([param, child]) +
    childBonus([param, child]) -
    1.5 * Math.log10(child.visits)
  )
}

/** Members of a group that a further one is compared with. */
const compared = 4

function compatibleWith(group: readonly PathNode[], child: PathNode): boolean {
  const tally = { same: 0, different: 0 }
  for (let index = 0; index < group.length && index < compared; index += 1) {
    const member = index < compared - 1 ? group[index]! : group[group.length - 1]!
    compare(member, child, 0, tally)
  }
  return tally.different * 2 <= tally.same
}

/** False where the answers, here or at the same places below, say that these are two operations. */
export function compatible(a: PathNode, b: PathNode): boolean {
  return compatibleWith([a], b)
}

function compare(a: PathNode, b: PathNode, depth: number, tally: { same: number; different: number }): void {
  for (const [method, record] of a.records ?? []) {
    const other = b.records?.get(method)
    if (other === undefined || record.shape.answers === 0 || other.shape.answers === 0) continue
    if (similarity(record.shape, other.shape) < alike) tally.different += 1
    else tally.same += 1
  }
  if (depth === 3) return
  for (const [key, child] of a.literals ?? []) {
    const other = b.literals?.get(key)
    if (other !== undefined) compare(child, other, depth + 1, tally)
  }
  for (const mixed of a.mixed ?? []) {
    const other = b.mixed?.find(({ prefix, suffix }) => prefix === mixed.prefix && suffix === mixed.suffix)
    if (other !== undefined) compare(mixed.node, other.node, depth + 1, tally)
  }
  if (a.param !== undefined && b.param !== undefined) compare(a.param, b.param, depth + 1, tally)
}

/** Nats for "one parameter" against "different operations". */
function evidence(group: readonly PathNode[], node: PathNode): number {
  const count = group.length
  let leaning = 0
  let visits = 0
  let singles = 0
  for (const child of group) {
    leaning += valueLeaning(child.text) + structureLeaning(child)
    visits += child.visits
    if (child.visits === 1) singles += 1
  }
  let score = -2.7 + leaning / count + 0.9 * Math.log2(count) + positionLeaning(node)
  score += shapeBonus(group) + childBonus(group)
  // Good and Turing: where new values keep coming, the set is not closed.
  const unseen = singles / visits
  score += unseen >= 0.1 ? 1.5 * unseen : -0.5
  // A closed set of words takes all the traffic between them, over and over.
  score -= 2.2 * Math.log10(visits / count)
  return score
}

/** What hangs under a word: identifiers under it make it the name of a collection. */
function structureLeaning(child: PathNode): number {
  let score = 0
  if (child.param !== undefined && !child.param.open) score -= 2.5
  const list = child.records?.get('GET')
  // Acts are posted to and have nothing to read or to hang below.
  if (list === undefined && child.isLeaf && child.records?.size === 1 && child.records.has('POST'))
    score -= 1.5
  if (list?.shape.keys.has('[]') === true) score -= 0.7
  return score
}

/** What may be expected after the segment before: things after a plural, collections at the front, acts after a value. */
function positionLeaning(node: PathNode): number {
  if (node.form === 'root') return -3
  if (node.form !== 'literal') return -1.5
  // `/users/v1/anna`: the noun stands before the version.
  if (kindOf(node.text) === 'version') return node.parent === undefined ? -3 : positionLeaning(node.parent)
  if (/^(?:api|apis|rest|public|v\d.*|\d\.\d)$/i.test(node.text)) return -3
  if (/^(?:actions?|commands?|operations?|functions?|methods?|do|by)$/i.test(node.text)) return -2
  return /[^s]s$/i.test(node.text) ? 1 : 0
}

/** Up to 1.5: all answer alike, and with enough keys for that to mean something. */
function shapeBonus(group: readonly PathNode[]): number {
  let pairs = 0
  let total = 0
  const first = group[0]!
  for (let index = 1; index < group.length && index < 24; index += 1) {
    const child = group[index]!
    for (const [method, record] of first.records ?? []) {
      const other = child.records?.get(method)
      if (other === undefined || other.shape.answers === 0 || record.shape.answers === 0) continue
      pairs += 1
      total += similarity(record.shape, other.shape) * Math.min(1, record.shape.keys.size / 5)
    }
  }
  return pairs === 0 ? 0 : 1.5 * (total / pairs)
}

/** Up to 2.5 where the same words follow, below zero where never the same ones do. */
function childBonus(group: readonly PathNode[]): number {
  const counts = new Map<string, number>()
  let parents = 0
  let visits = 0
  for (const child of group) {
    visits += child.visits
    if (child.isLeaf) continue
    parents += 1
    for (const key of child.literals?.keys() ?? []) counts.set(key, (counts.get(key) ?? 0) + 1)
    for (const { prefix, suffix } of child.mixed ?? [])
      counts.set(`${prefix}{}${suffix}`, (counts.get(`${prefix}{}${suffix}`) ?? 0) + 1)
  }
  if (parents < 2) return 0
  let shared = 0
  for (const count of counts.values()) if (count > 1) shared += count
  let total = 0
  for (const count of counts.values()) total += count
  if (total === 0) return 0
  // Called often enough to have met the same words, and they did not.
  return shared === 0 && visits >= 3 * group.length ? -1.5 : 2.5 * (shared / total)
}
