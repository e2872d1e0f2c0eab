import type { EdgeKind } from '../../../src/graph/edge.ts'
import type { NodeKind } from '../../../src/graph/node.ts'
import type { GraphEdgeView, GraphNodeView, GraphView } from '../../../src/server/api/graph.ts'
import { edgeId, isNew, isNewEdge, type Watched, watchedSince } from './edge-rows.ts'
import { kindNames, nodePlace, nodeTitle } from './graph-names.ts'
import { count } from './number.ts'

/** A box of the drawing: a node, or a group of them. */
export interface Box {
  readonly id: string
  readonly kind: NodeKind
  readonly title: string
  readonly place: string
  readonly fresh: boolean
  readonly focus: boolean
  /** Nodes of a group; 0 of a single one. */
  readonly members: number
  readonly width: number
}

/** A line of the drawing: all edges between two boxes in one direction. */
export interface Line {
  readonly id: string
  readonly from: string
  readonly to: string
  readonly kinds: readonly EdgeKind[]
  readonly count: number
  readonly did: boolean
  readonly fresh: boolean
  /** Ids of the edges, the busiest first. */
  readonly edges: readonly string[]
}

export interface Picture {
  readonly boxes: readonly Box[]
  readonly lines: readonly Line[]
  /** The box in which each node is drawn. */
  readonly boxOf: ReadonlyMap<string, string>
  readonly folded: readonly Folded[]
}

export interface Folded {
  readonly id: string
  readonly label: string
  readonly count: number
  readonly open: boolean
}

/** More boxes than this make a hairball. */
export const mostBoxes = 150
/** Groups of fewer are clearer one by one. */
const leastFolded = 5
const letterWidth = 7.3
const smallLetterWidth = 6.1
const mostLetters = 28
export const boxHeight = 42

/**
 * What is drawn of a graph: groups as one box unless they are opened, the lines between boxes joined. The same graph gives the same
 * picture, in the same order.
 */
export function pictureOf(
  graph: Pick<GraphView, 'nodes' | 'edges' | 'groups'>,
  focus: string,
  opened: readonly string[],
  now: number,
): Picture {
  const watched: Watched = { now, since: watchedSince(graph.nodes) }
  const known = new Map(graph.nodes.map(node => [node.id, node]))
  const groups = graph.groups
    .map(group => ({ ...group, nodes: group.nodes.filter(id => known.has(id) && id !== focus) }))
    .filter(group => group.nodes.length >= 2)
  const open = new Set(opened)
  const folded = new Set(groups.filter(group => group.nodes.length >= leastFolded && !open.has(group.id)))
  // Where that leaves too many, the smaller ones are folded as well, and then those that were opened.
  const rest = [...groups].sort(
    (a, b) => Number(open.has(a.id)) - Number(open.has(b.id)) || b.nodes.length - a.nodes.length,
  )
  const drawn = (): number => known.size - [...folded].reduce((sum, group) => sum + group.nodes.length - 1, 0)
  for (const group of rest) {
    if (drawn() <= mostBoxes) break
    folded.add(group)
  }
  const boxOf = new Map<string, string>()
  for (const group of folded) for (const id of group.nodes) boxOf.set(id, `group:${group.id}`)
  for (const id of known.keys()) if (!boxOf.has(id)) boxOf.set(id, id)
  const boxes = [
    ...[...known.values()]
      .filter(({ id }) => boxOf.get(id) === id)
      .map(node => boxOfNode(node, focus, watched)),
    ...[...folded].map(group =>
      sized({
        id: `group:${group.id}`,
        kind: group.kind,
        title: group.label,
        place: `${count(group.nodes.length)} ${kindNames(group.kind)}`,
        fresh: group.nodes.some(id => isNew(known.get(id)?.firstSeen ?? '', watched)),
        focus: false,
        members: group.nodes.length,
      }),
    ),
  ].sort((a, b) => (a.id < b.id ? -1 : 1))
  return {
    boxes,
    lines: linesOf(graph.edges, boxOf, watched),
    boxOf,
    folded: groups
      .filter(group => folded.has(group) || open.has(group.id))
      .map(group => ({
        id: group.id,
        label: group.label,
        count: group.nodes.length,
        open: !folded.has(group),
      })),
  }
}

function boxOfNode(node: GraphNodeView, focus: string, watched: Watched): Box {
  return sized({
    id: node.id,
    kind: node.kind,
    title: nodeTitle(node.id),
    place: nodePlace(node.id),
    fresh: node.kind !== 'internet' && isNew(node.firstSeen, watched),
    focus: node.id === focus,
    members: 0,
  })
}

const sized = (box: Omit<Box, 'width'>): Box => ({
  ...box,
  width: Math.round(
    Math.max(
      88,
      Math.min(box.title.length, mostLetters) * letterWidth + 40,
      Math.min(box.place.length, mostLetters) * smallLetterWidth + 40,
    ),
  ),
})

/** A name that is too long loses its middle: both ends tell things apart. */
export const shortened = (text: string, most = mostLetters): string =>
  text.length <= most
    ? text
    : `${text.slice(0, Math.ceil((most - 1) / 2))}…${text.slice(text.length - Math.floor((most - 1) / 2))}`

function linesOf(
  edges: readonly GraphEdgeView[],
  boxOf: ReadonlyMap<string, string>,
  watched: Watched,
): readonly Line[] {
  const byEnds = new Map<string, GraphEdgeView[]>()
  for (const edge of edges) {
    const from = boxOf.get(edge.from)
    const to = boxOf.get(edge.to)
    if (from === undefined || to === undefined || from === to) continue
    const id = `${from} → ${to}`
    const line = byEnds.get(id)
    if (line === undefined) byEnds.set(id, [edge])
    else line.push(edge)
  }
  return [...byEnds]
    .map(([id, joined]) => {
      const sorted = [...joined].sort((a, b) => b.count - a.count || (edgeId(a) < edgeId(b) ? -1 : 1))
      const [first] = sorted as [GraphEdgeView]
      return {
        id,
        from: boxOf.get(first.from) ?? first.from,
        to: boxOf.get(first.to) ?? first.to,
        kinds: [...new Set(sorted.map(edge => edge.kind))],
        count: sorted.reduce((sum, edge) => sum + edge.count, 0),
        did: sorted.some(edge => edge.did),
        fresh: sorted.some(edge => isNewEdge(edge, watched)),
        edges: sorted.map(edgeId),
      }
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** Line width by volume: each tenfold is 0.9 wider, from 1.2 to 6. */
export const lineWidth = (times: number): number => Math.min(6, 1.2 + 0.9 * Math.log10(1 + times))
