import type { DayHabits } from '../baseline/day-book.ts'
import type { TuningStanding } from '../detect/tuning/standing.ts'
import type { DetectorWhy } from '../detect/tuning/why.ts'
import { type BlastRadius, blastRadius } from '../graph/blast-radius.ts'
import type { GraphEdge } from '../graph/edge.ts'
import { type Entitlement, type EntitlementQuestion, entitlements } from '../graph/entitlements.ts'
import { pathsByEndpoint } from '../graph/entrances.ts'
import type { EdgeView, Graph } from '../graph/graph.ts'
import { beginnings, type Neighbourhood, neighbourhood } from '../graph/neighbourhood.ts'
import { type GraphNode, internet, type NodeId, type NodeKind, nodeId } from '../graph/node.ts'
import { searchNodes } from '../graph/node-search.ts'
import { pathSentence } from '../graph/path-sentence.ts'
import { findPaths, type GraphPath } from '../graph/paths.ts'
import { selectNodes } from '../graph/selector.ts'
import { type WorkloadProfile, workloadProfile } from '../graph/workload-profile.ts'
import type { PrincipalTies } from '../identity/links.ts'
import { SallyportError } from '../kit/error.ts'
import type { PrincipalId } from '../kit/id.ts'
import { atOnce, type Sliced } from '../kit/sliced.ts'
import { type RecommendRequest, recommending } from '../posture/recommend.ts'
import type { Recommendation } from '../posture/recommendation.ts'
import type { StoredCall } from '../store/ports/call-store.ts'
import { type FoundEvent, RecentEvents, type RecentEventType } from './recent-events.ts'

/** A path with what it says in words. */
export interface ToldPath extends GraphPath {
  readonly sentence: string
}

export type ToldReach = Omit<BlastRadius, 'data'> & {
  readonly data: readonly (Omit<BlastRadius['data'][number], 'path'> & { readonly path: ToldPath })[]
}

/** Every node and edge there is, up to a bound. */
export interface GraphExport {
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
  readonly truncated: boolean
}

interface Found<Item> {
  readonly items: readonly Item[]
  readonly more: boolean
}

/** What can be asked of the graph, and what comes back; plain data, so that threads can say it to each other. */
export interface GraphQuestions {
  readonly around: {
    readonly ask: EdgeView & { readonly focus?: string; readonly depth?: number; readonly limit?: number }
    readonly answer: Neighbourhood
  }
  readonly paths: {
    readonly ask: EdgeView & {
      readonly from: string
      readonly to: string
      readonly limit?: number
      /** One way by each endpoint that the first nodes call, instead of the shortest of all. */
      readonly by?: 'endpoint'
    }
    readonly answer: readonly ToldPath[]
  }
  readonly reach: {
    readonly ask: EdgeView & { readonly node: string; readonly within?: number }
    readonly answer: ToldReach
  }
  readonly nodes: {
    readonly ask: {
      readonly q?: string
      readonly kind?: NodeKind
      readonly after?: string
      readonly limit: number
    }
    readonly answer: Found<GraphNode>
  }
  readonly entitlements: {
    readonly ask: EntitlementQuestion & { readonly limit: number }
    readonly answer: Found<Entitlement>
  }
  readonly workload: { readonly ask: EdgeView & { readonly id: string }; readonly answer: WorkloadProfile }
  readonly recommendation: { readonly ask: Omit<RecommendRequest, 'facts'>; readonly answer: Recommendation }
  readonly events: {
    readonly ask: {
      /** Of this workload, newest first; or these, in the order given. */
      readonly workload?: string
      readonly ids?: readonly string[]
      readonly type?: RecentEventType
      readonly limit: number
    }
    readonly answer: readonly FoundEvent[]
  }
  /** With what a principal was seen, and who is linked to it by that. */
  readonly ties: { readonly ask: { readonly principal: string }; readonly answer: PrincipalTies | undefined }
  /** What a principal usually does in a day, against today; undefined where nothing is known of it. */
  readonly habits: { readonly ask: { readonly principal: string }; readonly answer: DayHabits | undefined }
  /** How detection stands with people's words on it. */
  readonly tuning: { readonly ask: Record<never, never>; readonly answer: TuningStanding }
  /** What detectors say of a recorded call, as things are known now. */
  readonly why: {
    readonly ask: { readonly call: StoredCall; readonly detector?: string }
    readonly answer: readonly DetectorWhy[]
  }
  readonly export: { readonly ask: EdgeView & { readonly limit: number }; readonly answer: GraphExport }
}

export type GraphQuestionKind = keyof GraphQuestions

/** A question with its kind. */
export type GraphQuestion = {
  readonly [Kind in GraphQuestionKind]: { readonly kind: Kind; readonly ask: GraphQuestions[Kind]['ask'] }
}[GraphQuestionKind]

/** What is known beside the graph. */
export interface BesideGraph {
  /** Who a credential belongs to; undefined where it was not seen. */
  ownerOf(fingerprint: string): string | undefined
  readonly recent: RecentEvents
  /** With what a principal was seen; absent where nothing keeps that. */
  tiesOf?(principal: PrincipalId): PrincipalTies | undefined
  habitsOf?(principal: PrincipalId): DayHabits | undefined
  tuning?(): TuningStanding
  /** @throws SallyportError `resource/not-found` for an unknown detector */
  why?(call: StoredCall, detector: string | undefined): readonly DetectorWhy[]
}

const nothingBeside: BesideGraph = {
  ownerOf: () => undefined,
  recent: new RecentEvents(),
}

type Answering = {
  readonly [Kind in GraphQuestionKind]: (
    graph: Graph,
    ask: GraphQuestions[Kind]['ask'],
    beside: BesideGraph,
  ) => GraphQuestions[Kind]['answer'] | Sliced<GraphQuestions[Kind]['answer']>
}

const answering: Answering = {
  around: (graph, { focus, ...question }, beside) =>
    neighbourhood(
      graph,
      focus === undefined ? beginnings(graph) : selectNodes(graph, resolved(focus, beside)),
      question,
    ),
  paths: (graph, { from, to, by, ...question }, beside) =>
    (by === 'endpoint' ? pathsByEndpoint : findPaths)(
      graph,
      anyOf(graph, resolved(from, beside)),
      anyOf(graph, resolved(to, beside)),
      question,
    ).map(told),
  reach: (graph, { node, ...view }, beside) => {
    const id = oneNode(graph, resolved(node, beside))
    const reach = blastRadius(graph, id, view)
    if (reach === undefined) throw noSuchNode(node)
    return { ...reach, data: reach.data.map(one => ({ ...one, path: told(one.path) })) }
  },
  nodes: (graph, query) => {
    const { nodes, more } = searchNodes(graph, query)
    return { items: nodes, more }
  },
  ties: (_, { principal }, beside) => beside.tiesOf?.(principal as PrincipalId),
  habits: (_, { principal }, beside) => beside.habitsOf?.(principal as PrincipalId),
  tuning: (_, __, beside) => beside.tuning?.() ?? { detectors: [], hits: [] },
  why: (_, { call, detector }, beside) => beside.why?.(call, detector) ?? [],
  entitlements: (graph, { limit, ...question }) => {
    const found = entitlements(graph, question)
    return { items: found.slice(0, limit), more: found.length > limit }
  },
  workload: (graph, { id, ...view }) => {
    const wanted = id.startsWith('workload:') ? id : `workload:${id}`
    const profile = workloadProfile(graph, oneNode(graph, wanted), view)
    if (profile === undefined) throw noSuchNode(id)
    return profile
  },
  recommendation: (graph, request) => recommending(graph, request),
  events: (graph, { workload, ids = [], type, limit }, { recent }) => {
    const now = ({ event, workload: node }: FoundEvent): FoundEvent => ({
      event,
      workload: graph.named(node),
    })
    if (workload === undefined)
      return ids.slice(0, limit).flatMap(id => {
        const found = recent.byId(id)
        return found === undefined ? [] : [now(found)]
      })
    const wanted = oneNode(graph, workload.startsWith('workload:') ? workload : `workload:${workload}`)
    const names = recent.workloads().filter(node => graph.named(node) === wanted)
    return recent.of(names, type, limit).map(now)
  },
  export: (graph, { limit, ...view }) => {
    const edges: GraphEdge[] = []
    let truncated = false
    for (const edge of graph.allEdges({ declared: true, tried: true, ...view })) {
      truncated = edges.length >= limit
      if (truncated) break
      edges.push(edge)
    }
    edges.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
    const ends = new Set(edges.flatMap(edge => [edge.from, edge.to]))
    const nodes = [...graph.allNodes()].filter(node => !truncated || ends.has(node.id))
    return { nodes: nodes.sort((a, b) => (a.id < b.id ? -1 : 1)), edges, truncated }
  },
}

/**
 * Answers from the graph.
 * @throws SallyportError `resource/not-found`, `usage/invalid-argument` where a node is named wrongly.
 */
export function answerFrom<Kind extends GraphQuestionKind>(
  graph: Graph,
  kind: Kind,
  ask: GraphQuestions[Kind]['ask'],
  beside: BesideGraph = nothingBeside,
): GraphQuestions[Kind]['answer'] {
  return atOnce(answerInSlices(graph, kind, ask, beside))
}

/** The same in slices: most questions are answered in the first. */
export function* answerInSlices<Kind extends GraphQuestionKind>(
  graph: Graph,
  kind: Kind,
  ask: GraphQuestions[Kind]['ask'],
  beside: BesideGraph,
): Sliced<GraphQuestions[Kind]['answer']> {
  const answer: unknown = answering[kind](graph, ask, beside)
  if (!isSliced(answer)) return answer as GraphQuestions[Kind]['answer']
  return (yield* answer) as GraphQuestions[Kind]['answer']
}

const isSliced = (answer: unknown): answer is Sliced<unknown> =>
  typeof answer === 'object' && answer !== null && Symbol.iterator in answer && 'next' in answer

const told = (path: GraphPath): ToldPath => ({ ...path, sentence: pathSentence(path) })

const keyOf = ({ from, to, kind }: GraphEdge): string => `${from}\0${to}\0${kind}`

/** `token:<fingerprint>` stands for whose it is; anything else for itself. */
function resolved(selector: string, beside: BesideGraph): string {
  if (!selector.startsWith('token:')) return selector
  const owner = beside.ownerOf(selector.slice('token:'.length))
  if (owner !== undefined) return nodeId('principal', owner)
  throw new SallyportError('resource/not-found', 'Nobody is known to have used that token.', {
    where: selector,
    mend: 'Give the fingerprint as a call shows it, or the principal: principal:user:alice.',
  })
}

/** Nodes of a selector. There may be none of all of a kind, or nobody outside; what is named must be there. */
function anyOf(graph: Graph, selector: string): readonly number[] {
  try {
    return selectNodes(graph, selector)
  } catch (thrown) {
    const open = selector.includes('*') || selector.trim() === internet
    if (open && SallyportError.from(thrown).code === 'resource/not-found') return []
    throw thrown
  }
}

/** The one node that is meant. */
function oneNode(graph: Graph, selector: string): NodeId {
  const found = selectNodes(graph, selector)
  const [first] = found
  if (first !== undefined && found.length === 1) return graph.nodes.ids[first]!
  const names = found.slice(0, 5).map(number => graph.nodes.ids[number]!)
  throw new SallyportError('usage/invalid-argument', `"${selector}" stands for ${found.length} nodes.`, {
    where: selector,
    mend: `Give one, e.g. ${names.join(', ')}.`,
  })
}

const noSuchNode = (id: string): SallyportError =>
  new SallyportError('resource/not-found', 'The graph knows no such node.', {
    where: id,
    mend: 'Search for a part of its name with GET /api/v1/graph/nodes?q=.',
  })
