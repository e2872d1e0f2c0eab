import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { NodeGroup } from '../../../src/graph/group.ts'
import type { GraphEdgeView, GraphNodeView, GraphView } from '../../../src/server/api/graph.ts'
import { edgeId, isNewEdge, sortedEdges, watchedSince } from './edge-rows.ts'
import { laidOut, layoutOf } from './graph-layout.ts'
import { lineWidth, mostBoxes, pictureOf, shortened } from './graph-picture.ts'

const now = Date.parse('2026-06-30T12:00:00Z')
const day = 86_400_000
const at = (daysAgo: number): string => new Date(now - daysAgo * day).toISOString()

const node = (id: string, daysAgo = 30): GraphNodeView => ({
  id,
  kind: 'workload',
  name: id.slice(9),
  firstSeen: at(daysAgo),
  lastSeen: at(0),
  events: 1,
  facts: {},
})

const edge = (from: string, to: string, more: Partial<GraphEdgeView> = {}): GraphEdgeView => ({
  from,
  to,
  kind: 'calls',
  count: 1,
  bytes: 0,
  rows: 0,
  firstSeen: at(30),
  lastSeen: at(0),
  did: true,
  could: false,
  sources: ['otlp'],
  refused: 0,
  ...more,
})

const name = (number: number): string => `workload:w${number}`

/** Any graph of up to 400 nodes, each in one of some groups. */
const graphs = fc
  .record({
    size: fc.integer({ min: 1, max: 400 }),
    areas: fc.integer({ min: 1, max: 40 }),
    links: fc.array(fc.tuple(fc.nat(399), fc.nat(399), fc.nat(1_000_000)), { maxLength: 300 }),
    open: fc.array(fc.nat(39), { maxLength: 10 }),
  })
  .map(({ size, areas, links, open }) => {
    const nodes = Array.from({ length: size }, (_, index) => node(name(index)))
    const groups: NodeGroup[] = Array.from({ length: areas }, (_, area) => {
      const members = nodes.filter((_, index) => index % areas === area).map(({ id }) => id)
      return { id: `a${area}`, label: `a${area}`, kind: 'workload', count: members.length, nodes: members }
    })
    const unique = new Map(
      links
        .filter(([from, to]) => from < size && to < size && from !== to)
        .map(([from, to, count]) => [`${from} ${to}`, edge(name(from), name(to), { count })]),
    )
    const graph: GraphView = { nodes, edges: [...unique.values()], groups, truncated: false }
    return { graph, open: open.map(one => `a${one}`) }
  })

describe('a picture', () => {
  test('holds every node once and every edge that leaves its box, in no more boxes than can be read', () => {
    fc.assert(
      fc.property(graphs, ({ graph, open }) => {
        const picture = pictureOf(graph, name(0), open, now)
        const ids = new Set(picture.boxes.map(({ id }) => id))
        expect(ids.size).toBe(picture.boxes.length)
        for (const { id } of graph.nodes) expect(ids.has(picture.boxOf.get(id) ?? '')).toBe(true)
        expect(picture.boxes.find(({ focus }) => focus)?.id).toBe(name(0))
        const members = picture.boxes.reduce((sum, box) => sum + Math.max(1, box.members), 0)
        expect(members).toBe(graph.nodes.length)
        // Groups of one cannot be folded.
        if (graph.nodes.length > 2 * graph.groups.length)
          expect(picture.boxes.length).toBeLessThanOrEqual(mostBoxes)
        const told = picture.lines.flatMap(({ edges }) => edges).sort()
        const crossing = graph.edges.filter(
          ({ from, to }) => picture.boxOf.get(from) !== picture.boxOf.get(to),
        )
        expect(told).toEqual(crossing.map(edgeId).sort())
      }),
      { numRuns: 60 },
    )
  })

  test('is the same whatever the order in which nodes and edges come, and so is its layout', () => {
    fc.assert(
      fc.property(graphs, ({ graph, open }) => {
        const turned = { ...graph, nodes: graph.nodes.toReversed(), edges: graph.edges.toReversed() }
        const [one, other] = [pictureOf(graph, name(0), open, now), pictureOf(turned, name(0), open, now)]
        expect(other.boxes).toEqual(one.boxes)
        expect(other.lines).toEqual(one.lines)
        if (one.boxes.length < 40) expect(laidOut(other)).toEqual(layoutOf(one))
      }),
      { numRuns: 40 },
    )
  })

  test('goes left to right by the flow of access', () => {
    const chain = ['internet', 'endpoint:GET a/b', 'workload:w', 'store:pg://h/t', 'data:email']
    const nodes = chain.map(id => node(id))
    const edges = chain.slice(1).map((to, index) => edge(chain[index] as string, to))
    const picture = pictureOf({ nodes, edges, groups: [] }, 'workload:w', [], now)
    const layout = layoutOf(picture)
    const columns = chain.map(id => layout.boxes.get(id)?.x ?? Number.NaN)
    expect(columns).toEqual([...columns].sort((a, b) => a - b))
    expect(new Set(columns).size).toBe(5)
    for (const { d } of layout.lines.values()) expect(d).toMatch(/^M[\d.]+,[\d.]+( [LQ][-\d., ]+)+$/)
  })

  test('opens a group that is asked for, and says which are folded', () => {
    const members = Array.from({ length: 6 }, (_, index) => name(index))
    const graph = {
      nodes: [...members.map(id => node(id)), node('workload:other')],
      edges: members.map((id, index) => edge('workload:other', id, { count: index })),
      groups: [{ id: 'shop', label: 'shop', kind: 'workload', count: 6, nodes: members } as const],
    }
    const folded = pictureOf(graph, 'workload:other', [], now)
    expect(folded.boxes.map(({ id, members }) => [id, members])).toEqual([
      ['group:shop', 6],
      ['workload:other', 0],
    ])
    expect(folded.lines).toHaveLength(1)
    expect(folded.lines[0]).toMatchObject({ count: 15, edges: expect.arrayContaining([expect.any(String)]) })
    const open = pictureOf(graph, 'workload:other', ['shop'], now)
    expect(open.boxes).toHaveLength(7)
    expect([folded.folded, open.folded].map(([one]) => one?.open)).toEqual([false, true])
  })
})

describe('what is new', () => {
  const watched = { now, since: now - 30 * day }
  const rows: readonly (readonly [string, Partial<GraphEdgeView>, typeof watched, boolean])[] = [
    ['began this week', { firstSeen: at(2) }, watched, true],
    ['began last week', { firstSeen: at(8) }, watched, false],
    ['was only granted', { firstSeen: at(2), did: false }, watched, false],
    ['is not known yet at that moment', { firstSeen: at(-1) }, watched, false],
    ['was there when watching began', { firstSeen: at(2) }, { now, since: now - 2.5 * day }, false],
    ['came after watching began', { firstSeen: at(1) }, { now, since: now - 2.5 * day }, true],
  ]
  test.each(rows)('%s', (_, more, when, expected) => {
    expect(isNewEdge(edge('a', 'b', more), when)).toBe(expected)
  })

  test('does not count what was declared without a time', () => {
    expect(watchedSince([{ firstSeen: new Date(0).toISOString() }, { firstSeen: at(3) }])).toBe(now - 3 * day)
  })
})

test('rows are ordered by what is asked, and equal ones by their names', () => {
  const edges = [
    edge('workload:b', 'workload:z', { count: 5 }),
    edge('workload:a', 'workload:z', { count: 5 }),
    edge('workload:c', 'workload:y', { count: 9, did: false }),
  ]
  const first = (column: 'from' | 'to' | 'count' | 'last', descending: boolean): string =>
    sortedEdges(edges, column, descending)
      .map(({ from }) => from.slice(-1))
      .join('')
  expect([first('from', false), first('to', false), first('count', true), first('last', false)]).toEqual([
    'abc',
    'cab',
    'cab',
    'cab',
  ])
})

test('lines grow with volume, never beyond what fits; names keep both ends', () => {
  expect([0, 9, 99_999, 1e12].map(lineWidth).map(width => Math.round(width * 10) / 10)).toEqual([
    1.2, 2.1, 5.7, 6,
  ])
  expect(shortened('GET /orders/{orderId}/invoice', 12)).toBe('GET /o…voice')
  expect(shortened('short')).toBe('short')
})
