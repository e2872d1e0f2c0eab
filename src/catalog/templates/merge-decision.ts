import { ContextUnion, contextsOf } from './context.ts'
import type { Candidate, Evidence, HostFacts } from './evidence.ts'
import type { PathNode } from './path-node.ts'

/** Kinds of answer told apart under one node; words that answer in yet another way stay as they are. */
const maxGroups = 16

interface Group {
  readonly members: Candidate[]
  readonly union: ContextUnion
}

/**
 * Which literal children of a node are values of one parameter. Returns groups of at least two (one, where the node
 * has a placeholder already), each with more evidence for it than `score` nats.
 */
export function groupsToMerge(
  node: PathNode,
  score: number,
  evidence: Evidence,
  facts: HostFacts,
): readonly (readonly PathNode[])[] {
  if (node.literals === undefined) return []
  const free: Candidate[] = []
  for (const child of node.literals.values())
    if (child.free) free.push({ node: child, contexts: contextsOf(child) })
  if (free.length === 0) return []
  const { param } = node
  if (param !== undefined) {
    const values = contextsOf(param)
    const joining = free.filter(one => evidence.ofJoining(one, param, values, facts) > score)
    if (joining.length > 0) return [joining.map(one => one.node)]
  }
  const accepted: PathNode[][] = []
  for (const { members } of groupsOf(free)) {
    if (members.length < 2) continue
    if (evidence.ofGroup(members, node, facts) <= score) continue
    const kept = members.filter(one => evidence.ofMember(one, members, facts) > 0)
    if (kept.length < 2) continue
    if (kept.length < members.length && evidence.ofGroup(kept, node, facts) <= score) continue
    accepted.push(kept.map(one => one.node))
  }
  return accepted
}

/** Words that share an operation, here or below, and answer alike there. Words with most operations first. */
function groupsOf(free: readonly Candidate[]): readonly Group[] {
  const groups: Group[] = []
  const sorted = [...free].sort((a, b) => b.contexts.length - a.contexts.length)
  for (const one of sorted) {
    let home: Group | undefined
    let best = -1
    for (const group of groups) {
      const { shared, alike } = group.union.compare(one.contexts)
      if (shared === 0 || alike <= best) continue
      best = alike
      home = group
    }
    if (home === undefined) {
      if (groups.length === maxGroups) continue
      home = { members: [], union: new ContextUnion() }
      groups.push(home)
    }
    home.members.push(one)
    home.union.add(one.contexts)
  }
  return groups
}
