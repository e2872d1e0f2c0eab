import type { PathNode } from '../templates/path-node.ts'
import type { PathTree } from '../templates/path-tree.ts'
import { rounded } from './evidence-shares.ts'
import { maskWord } from './mask-word.ts'
import type { MergeReview } from './merge-review.ts'
import type { Verdict } from './merged-words.ts'

const maxWords = 12

/** Nats below the threshold at which words kept apart are still worth a look. */
const slack = 3

/** The places of one host's tree where words were taken for values, or might have been. In no particular order. */
export function reviewPlaces(host: string, tree: PathTree): readonly MergeReview[] {
  const reviews: MergeReview[] = []
  visit(host, tree, tree.root, reviews)
  return reviews
}

function visit(host: string, tree: PathTree, node: PathNode, into: MergeReview[]): void {
  for (const child of node.children()) {
    if (child.guide?.ends !== undefined) into.push(pinned(host, child, child.guide.ends))
    else if (child.form !== 'literal' && child.held !== 'pin' && child.words !== undefined)
      into.push(merged(host, child))
    else if (child.verdict !== undefined) into.push(toldApart(host, child, child.verdict))
    visit(host, tree, child, into)
  }
  if (worthLooking(node)) into.push(...apart(host, tree, node))
}

function worthLooking(node: PathNode): boolean {
  if (node.literals === undefined || node.guide?.param !== undefined) return false
  let free = 0
  for (const child of node.literals.values()) if (child.free) free += 1
  return free > 1 || (free === 1 && node.param?.open === true)
}

function pinned(host: string, node: PathNode, pin: string): MergeReview {
  const isLiteral = node.form === 'literal'
  return {
    ...placeOf(host, node, 'pinned'),
    words: isLiteral ? [maskWord(node.text)] : (node.words?.words ?? []).map(maskWord),
    count: isLiteral ? 1 : (node.words?.count ?? 0),
    evidence: node.words?.verdict?.evidence ?? [],
    nats: node.words?.verdict?.nats ?? 0,
    threshold: node.words?.verdict?.threshold ?? 0,
    pin,
  }
}

function merged(host: string, node: PathNode): MergeReview {
  const { words } = node
  return {
    ...placeOf(host, node, 'merged'),
    words: (words?.words ?? []).map(maskWord),
    count: words?.count ?? 0,
    evidence: words?.verdict?.evidence ?? [],
    nats: words?.verdict?.nats ?? 0,
    threshold: words?.verdict?.threshold ?? 0,
  }
}

/** A word that was a value until its answers showed an operation of its own. */
function toldApart(host: string, node: PathNode, verdict: Verdict): MergeReview {
  return {
    ...placeOf(host, node, 'apart'),
    words: [maskWord(node.text)],
    count: 1,
    held: 'answers',
    ...verdict,
  }
}

function apart(host: string, tree: PathTree, node: PathNode): readonly MergeReview[] {
  return tree.nearMerges(node, slack).map((group, index): MergeReview => {
    const { evidence, nats, threshold } = tree.judge(node, group)
    const template = `${node.form === 'root' ? '' : node.template()}/${node.param?.text ?? '{value}'}`
    const traffic = group.map(trafficOf)
    return {
      id: `${host}${template}~${index}`,
      host,
      state: 'apart',
      template,
      words: group.slice(0, maxWords).map(({ text }) => maskWord(text)),
      count: group.length,
      methods: [...new Set(traffic.flatMap(({ methods }) => [...methods]))].sort(),
      calls: traffic.reduce((sum, { calls }) => sum + calls, 0),
      evidence,
      nats: rounded(nats),
      threshold,
    }
  })
}

function placeOf(host: string, node: PathNode, state: MergeReview['state']) {
  const template = node.template()
  const { calls, methods } = trafficOf(node)
  return { id: `${host}${template}`, host, state, template, methods: [...methods].sort(), calls }
}

/** Calls and methods at a place and under it. */
function trafficOf(node: PathNode): { readonly calls: number; readonly methods: ReadonlySet<string> } {
  const methods = new Set<string>()
  let calls = 0
  const add = (at: PathNode): void => {
    for (const [method, record] of at.records ?? []) {
      methods.add(method)
      calls += record.calls
    }
    for (const child of at.children()) add(child)
  }
  add(node)
  return { calls, methods }
}

const states: readonly MergeReview['state'][] = ['merged', 'apart', 'pinned']

/** Merges by calls, then what is kept apart, the nearest to the threshold first, then what is pinned; at most `bound`, those with most calls. */
export function ordered(reviews: readonly MergeReview[], bound: number): readonly MergeReview[] {
  const kept =
    reviews.length <= bound
      ? [...reviews]
      : reviews.toSorted((a, b) => b.calls - a.calls || byId(a, b)).slice(0, bound)
  return kept.sort(
    (a, b) =>
      states.indexOf(a.state) - states.indexOf(b.state) ||
      (a.state === 'apart' ? a.threshold - a.nats - (b.threshold - b.nats) : b.calls - a.calls) ||
      byId(a, b),
  )
}

const byId = (a: MergeReview, b: MergeReview): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
