import type { GraphEdgeView } from '../../../src/server/api/graph.ts'
import { nodeName } from './graph-names.ts'

export const sortColumns = ['from', 'to', 'count', 'last'] as const
export type SortColumn = (typeof sortColumns)[number]

/** An edge's name: one edge of a kind leads from one node to another. */
export const edgeId = (edge: Pick<GraphEdgeView, 'from' | 'kind' | 'to'>): string =>
  `${edge.from} ${edge.kind} ${edge.to}`

const dayMs = 86_400_000

/** When something is looked at, and when watching began: both ms since the epoch. */
export interface Watched {
  readonly now: number
  /** What was there within a day of this is not new: then everything was seen for the first time. */
  readonly since: number
}

/** New is what began less than a week before the moment, and not with the watching itself. */
export const isNew = (firstSeen: string, { now, since }: Watched): boolean => {
  const began = Date.parse(firstSeen)
  return began <= now && now - began < 7 * dayMs && began - since >= dayMs
}

/** Did it happen, for the first time in the last week? A grant that nobody used is no news. */
export const isNewEdge = (edge: Pick<GraphEdgeView, 'did' | 'firstSeen'>, watched: Watched): boolean =>
  edge.did && isNew(edge.firstSeen, watched)

/** When watching began: the first that was seen of all that is looked at. Declared things have no time. */
export const watchedSince = (seen: readonly { readonly firstSeen: string }[]): number =>
  seen.reduce((least, { firstSeen }) => {
    const time = Date.parse(firstSeen)
    return time > 0 && time < least ? time : least
  }, Number.POSITIVE_INFINITY)

/** Rows of the table in the order that was asked for; equal ones by their names, so that nothing jumps. */
export function sortedEdges(
  edges: readonly GraphEdgeView[],
  column: SortColumn,
  descending: boolean,
): readonly GraphEdgeView[] {
  const value = (edge: GraphEdgeView): string | number =>
    column === 'from'
      ? nodeName(edge.from)
      : column === 'to'
        ? nodeName(edge.to)
        : column === 'count'
          ? edge.count
          : edge.did
            ? Date.parse(edge.lastSeen)
            : 0
  const keyed = edges.map(edge => ({ edge, value: value(edge), id: edgeId(edge) }))
  const turn = descending ? -1 : 1
  keyed.sort((a, b) => (a.value === b.value ? (a.id < b.id ? -1 : 1) : a.value < b.value ? -turn : turn))
  return keyed.map(({ edge }) => edge)
}
