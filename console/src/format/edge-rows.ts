import type { GraphEdgeView } from '../api/graph-types.ts'
import { nodeName } from './graph-names.ts'

export const sortColumns = ['from', 'to', 'count', 'last'] as const
export type SortColumn = (typeof sortColumns)[number]

/** An edge's name: one edge of a kind leads from one node to another. */
export const edgeId = (edge: Pick<GraphEdgeView, 'from' | 'kind' | 'to'>): string =>
  `${edge.from} ${edge.kind} ${edge.to}`

const dayMs = 86_400_000

/** What began less than a week before the moment is new. */
export const isNew = (firstSeen: string, now: number): boolean => {
  const age = now - Date.parse(firstSeen)
  return age >= 0 && age < 7 * dayMs
}

/** Did it happen, for the first time in the last week? A grant that nobody used is no news. */
export const isNewEdge = (edge: Pick<GraphEdgeView, 'did' | 'firstSeen'>, now: number): boolean =>
  edge.did && isNew(edge.firstSeen, now)

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
