import dagre from '@dagrejs/dagre'
import { boxHeight, type Picture } from './graph-picture.ts'

export interface Place {
  /** Of the middle. */
  readonly x: number
  readonly y: number
}

export interface Layout {
  readonly width: number
  readonly height: number
  readonly boxes: ReadonlyMap<string, Place>
  /** A path of SVG for each line, and its middle. */
  readonly lines: ReadonlyMap<string, { readonly d: string; readonly middle: Place }>
}

const fewBoxes = 80

/** Pictures that somebody goes back to: a group is unfolded, looked at and folded again. */
const mostRemembered = 12
const remembered = new Map<string, Layout>()

/** Places boxes left to right by the flow of access. The same picture is laid out the same way each time; the last ones are remembered. */
export function layoutOf(picture: Pick<Picture, 'boxes' | 'lines'>): Layout {
  const key = JSON.stringify([
    picture.boxes.map(({ id, width }) => [id, width]),
    picture.lines.map(({ id }) => id),
  ])
  const known = remembered.get(key)
  const layout = known ?? laidOut(picture)
  remembered.delete(key)
  remembered.set(key, layout)
  for (const oldest of remembered.keys()) {
    if (remembered.size <= mostRemembered) break
    remembered.delete(oldest)
  }
  return layout
}

/** The same without remembering. */
export function laidOut(picture: Pick<Picture, 'boxes' | 'lines'>): Layout {
  const graph = new dagre.graphlib.Graph()
  graph.setGraph({ rankdir: 'LR', nodesep: 14, ranksep: 60, edgesep: 10, ranker: 'tight-tree' })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const { id, width } of picture.boxes) graph.setNode(id, { width, height: boxHeight })
  for (const { from, to } of picture.lines) graph.setEdge(from, to, { weight: 1 })
  // Fewer crossings are worth the time where somebody follows single lines; in a crowd nobody does.
  dagre.layout(graph, { disableOptimalOrderHeuristic: picture.boxes.length > fewBoxes })
  const boxes = new Map<string, Place>()
  for (const { id } of picture.boxes) {
    const { x = 0, y = 0 } = graph.node(id) as Partial<Place>
    boxes.set(id, { x, y })
  }
  const widths = new Map(picture.boxes.map(({ id, width }) => [id, width]))
  const ends = (id: string) => ({ ...(boxes.get(id) ?? { x: 0, y: 0 }), width: widths.get(id) ?? 0 })
  const lines = new Map<string, { d: string; middle: Place }>()
  for (const { id, from, to } of picture.lines) {
    const { points: given = [] } = graph.edge(from, to) as { points?: readonly Place[] }
    const points = fromSideToSide(given, ends(from), ends(to))
    lines.set(id, { d: curve(points), middle: points[points.length >> 1] ?? { x: 0, y: 0 } })
  }
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number }
  return { width: Math.max(width, 1), height: Math.max(height, 1), boxes, lines }
}

type End = Place & { readonly width: number }

/** Leaves a box at its right and comes to the next at its left, where one stands before the other. */
function fromSideToSide(points: readonly Place[], from: End, to: End): readonly Place[] {
  const [begin, end] = [from.x + from.width / 2, to.x - to.width / 2]
  if (begin >= end || points.length < 2) return points
  const reach = Math.min(28, (end - begin) / 2)
  const between = points.slice(1, -1).filter(({ x }) => x > begin + reach && x < end - reach)
  return [
    { x: begin, y: from.y },
    { x: begin + reach, y: from.y },
    ...between,
    { x: end - reach, y: to.y },
    { x: end, y: to.y },
  ]
}

const short = (value: number): string => String(Math.round(value * 10) / 10)

/** Through the middles between points, bent by the points themselves. */
function curve(points: readonly Place[]): string {
  const [first, ...rest] = points
  if (first === undefined) return ''
  let d = `M${short(first.x)},${short(first.y)}`
  rest.forEach((point, index) => {
    const next = rest[index + 1]
    if (next === undefined) d += ` L${short(point.x)},${short(point.y)}`
    else
      d += ` Q${short(point.x)},${short(point.y)} ${short((point.x + next.x) / 2)},${short((point.y + next.y) / 2)}`
  })
  return d
}
