import type { Observation } from '../../../baseline/observation.ts'
import type { Graph, NewEdge } from '../../../graph/graph.ts'
import { type NodeId, nodeId, readNodeId } from '../../../graph/node.ts'
import { BoundedMap } from '../../../kit/bounded-map.ts'
import { callId, type Fingerprint } from '../../../kit/id.ts'
import type { Severity } from '../../../kit/severity.ts'
import { Episode } from '../../episode.ts'
import { counted, whoIs } from '../../words.ts'
import {
  defineGraphDetector,
  type GraphContext,
  type GraphDetectorRun,
  type GraphFinding,
  type Moment,
} from '../graph-detector.ts'
import { actorId, dayMs, isSettled, namespaceOf, nodeName } from '../node-age.ts'
import { environmentOf } from '../roster.ts'
import { endpointNode, graveBehind, servedBy } from '../sensitive.ts'

/** Where a credential was used with success. */
interface Uses {
  readonly environments: Map<string, { readonly first: number; readonly learned: boolean }>
  calls: number
}

/** A use in another environment, until what its trace reached is known. */
interface Crossing {
  readonly o: Observation
  readonly used: Fingerprint
  readonly from: string
  readonly to: string
}

const environmentsKept = 16

class EnvironmentCrossingRun implements GraphDetectorRun {
  readonly #context: GraphContext
  #uses: BoundedMap<Fingerprint, Uses>
  /** Pairs of environments or namespaces: who talked in the first days may go on. */
  #pairs: BoundedMap<string, { readonly learned: boolean }>
  #since: BoundedMap<string, number>
  #crossings: BoundedMap<string, Crossing>
  #reads: BoundedMap<string, { readonly target: NodeId; readonly event: string }>
  #episodes: BoundedMap<string, Episode>
  /** Credentials that were used in both environments of a pair. */
  #common: BoundedMap<string, Set<Fingerprint>>

  constructor(context: GraphContext) {
    this.#context = context
    this.#uses = new BoundedMap(context.option('credentials'))
    this.#pairs = new BoundedMap(context.option('pairs'))
    this.#since = new BoundedMap(context.option('pairs'))
    this.#crossings = new BoundedMap(context.option('traces'))
    this.#reads = new BoundedMap(context.option('traces'))
    this.#episodes = new BoundedMap(context.option('credentials'))
    this.#common = new BoundedMap(context.option('pairs'))
  }

  observe(moment: Moment): readonly GraphFinding[] {
    const found: GraphFinding[] = []
    const { observation } = moment
    if (observation !== undefined) this.#used(moment, observation, found)
    for (const { trace, kind, target, event } of moment.happenings) {
      if (trace === undefined || kind !== 'read' || target === undefined) continue
      const crossing = this.#crossings.peek(trace)
      if (crossing !== undefined) found.push(this.#crossed(moment.graph, crossing, target, event))
      // A read may be told of before its call.
      else this.#reads.set(trace, { target, event })
    }
    for (const edge of moment.began) {
      const finding = this.#began(moment, edge)
      if (finding !== undefined) found.push(finding)
    }
    return found
  }

  traced(o: Observation, graph: Graph): readonly GraphFinding[] {
    const crossing = this.#crossings.peek(untraced(o))
    const trace = o.call.trace?.traceId
    if (crossing === undefined || trace === undefined) return []
    this.#crossings.delete(untraced(o))
    const known = { ...crossing, o }
    this.#crossings.set(trace, known)
    const read = this.#reads.peek(trace)
    return [this.#crossed(graph, known, read?.target, read?.event)]
  }

  size(): number {
    return (
      this.#uses.size +
      this.#pairs.size +
      this.#since.size +
      this.#crossings.size +
      this.#reads.size +
      this.#episodes.size
    )
  }

  // — one credential in two environments —

  #used(moment: Moment, o: Observation, found: GraphFinding[]): void {
    const to = placeOf(moment.graph, o)
    if (to === undefined) return
    for (const { fingerprint, subject, scheme } of o.call.credentials) {
      if (this.#context.excepted(o.identity.principal, o.identity.name, fingerprint, subject)) continue
      // A certificate is a workload's name, which its edges tell.
      if (scheme === 'mtls') continue
      const uses = this.#uses.ensure(fingerprint, () => ({ environments: new Map(), calls: 0 }))
      const before = [...uses.environments].filter(([environment]) => environment !== to)
      const known = uses.environments.get(to)
      if (o.outcome === 'success') {
        uses.calls += 1
        if (known === undefined && uses.environments.size < environmentsKept)
          uses.environments.set(to, { first: o.call.time, learned: o.learning || before.length === 0 })
      }
      // Its own environment is the one it was used in first.
      if (before.length === 0 || known?.learned === true || o.learning) continue
      const [[from] = ['']] = before.sort((a, b) => a[1].first - b[1].first)
      if (this.#isCommon(from, to, fingerprint)) continue
      if (o.outcome !== 'success' && o.outcome !== 'refused') continue
      const crossing = { o, used: fingerprint, from, to }
      const trace = o.call.trace?.traceId
      // Its span may tell the trace yet.
      if (o.outcome === 'success') this.#crossings.set(trace ?? untraced(o), crossing)
      const read = trace === undefined ? undefined : this.#reads.peek(trace)
      found.push(this.#crossed(moment.graph, crossing, read?.target, read?.event))
    }
  }

  /** Where many credentials are good in both, one issuer serves both. */
  #isCommon(from: string, to: string, fingerprint: Fingerprint): boolean {
    const common = this.#common.ensure([from, to].sort().join(' '), () => new Set())
    if (common.size < 64) common.add(fingerprint)
    return common.size > this.#context.option('commonCredentials')
  }

  #crossed(
    graph: Graph,
    { o, used, from, to }: Crossing,
    store: NodeId | undefined,
    event: string | undefined,
  ): GraphFinding {
    const attempt = o.outcome !== 'success'
    const series = `${used}\0${to}\0${attempt ? 'attempt' : 'success'}`
    const episode = this.#episodes.ensure(series, () => new Episode(o.call.time))
    episode.touch(o.call.time)
    const endpoint = nodeId('endpoint', o.match.endpoint)
    const workload = servedBy(graph, o)
    const dataClasses = [
      ...new Set([
        ...graveBehind(graph, endpoint),
        ...(store === undefined ? [] : graveBehind(graph, store)),
      ]),
    ]
    return {
      message: attempt ? 'refused' : 'used',
      observed: {
        who: whoIs(o.identity),
        from,
        to,
        credential: used.slice(0, 12),
        endpoint: o.match.endpoint,
        calls: counted(this.#uses.peek(used)?.calls ?? 1, 'call'),
      },
      expected: { environment: from },
      attempt,
      confidence: attempt ? 0.6 : to === 'production' ? 0.9 : 0.75,
      severity: attempt
        ? 'low'
        : severityOf(from, to) === 'high' && dataClasses.length > 0
          ? 'critical'
          : severityOf(from, to),
      principal: o.identity.principal,
      ...(o.identity.tenant === undefined ? {} : { tenant: o.identity.tenant }),
      endpoint: o.match.endpoint,
      evidence: [o.call.id, ...(event === undefined ? [] : [callId(event)])],
      dataClasses,
      key: `${series}\0${episode.from}`,
      subjects: [],
      ...(o.call.trace?.traceId === undefined ? {} : { traces: [o.call.trace.traceId] }),
      way: attempt
        ? []
        : [endpoint, ...(workload === undefined ? [] : [workload]), ...(store === undefined ? [] : [store])],
      attack: ['T1078', 'T1550'],
    }
  }

  // — workloads of two environments —

  #began(moment: Moment, edge: NewEdge): GraphFinding | undefined {
    const { graph, time, learning } = moment
    if (readNodeId(edge.from)?.kind !== 'workload' || !ends.has(readNodeId(edge.to)?.kind ?? ''))
      return undefined
    const [from, to] = [environmentOf(graph, edge.from), environmentOf(graph, edge.to)]
    const [own, other] = [namespaceOf(edge.from), namespaceOf(edge.to)]
    const across = from !== undefined && to !== undefined && from !== to
    const [a, b] = across ? [from, to] : [own, readNodeId(edge.to)?.kind === 'workload' ? other : undefined]
    if (a === undefined || b === undefined || a === b) return undefined
    const pair = this.#pair(a, b, time, learning)
    if (pair.learned || learning) return undefined
    if (!isSettled(graph, edge.from, time, across ? 0 : this.#context.option('learningDays')))
      return undefined
    const { roster, option, excepted } = this.#context
    if (excepted(edge.from, edge.to, readNodeId(edge.from)?.name, readNodeId(edge.to)?.name, a, b))
      return undefined
    // What a rollout brings to another namespace is a new dependency; to another environment it is a mistake.
    if (!across && roster.rolledOut(edge.from, time, option('rolloutMs'))) return undefined
    const happening = moment.happenings.find(({ target }) => target === edge.to)
    return {
      message: across ? 'environments' : 'namespaces',
      at: edge.time,
      observed: { who: nodeName(edge.from), what: nodeName(edge.to), from: a, to: b },
      expected: { edges: `nothing in ${a} ever turned to ${b}` },
      attempt: happening?.refused ?? false,
      confidence: across ? 0.8 : 0.4,
      severity: across ? severityOf(a, b) : 'low',
      principal: actorId(edge.from),
      evidence: [callId(happening?.event ?? moment.event.id)],
      dataClasses: across ? graveBehind(graph, edge.to) : [],
      key: `${edge.from}\0${edge.to}\0${edge.time}`,
      subjects: [edge.from],
      ...(readNodeId(edge.to)?.kind === 'workload' ? { reached: [edge.to] } : {}),
      way: [edge.from, edge.to],
      attack: ['T1210'],
    }
  }

  #pair(a: string, b: string, time: number, learning: boolean): { readonly learned: boolean } {
    const [since, other] = [a, b].map(name => this.#since.ensure(name, () => time))
    const young = time - Math.max(since ?? time, other ?? time) < this.#context.option('learningDays') * dayMs
    return this.#pairs.ensure(`${a} ${b}`, () => ({ learned: learning || young }))
  }

  save() {
    return {
      uses: this.#uses,
      pairs: this.#pairs,
      since: this.#since,
      crossings: this.#crossings,
      reads: this.#reads,
      episodes: this.#episodes,
      common: this.#common,
    }
  }

  load(saved: ReturnType<EnvironmentCrossingRun['save']>): void {
    this.#uses = saved.uses
    this.#pairs = saved.pairs
    this.#since = saved.since
    this.#crossings = saved.crossings
    this.#reads = saved.reads
    this.#episodes = saved.episodes
    this.#common = saved.common
  }
}

const untraced = ({ call }: Observation): string => `call ${call.id}`

const ends: ReadonlySet<string> = new Set(['workload', 'store', 'endpoint'])

const severityOf = (from: string, to: string): Severity =>
  to === 'production' ? 'high' : from === 'production' ? 'medium' : 'low'

/** The environment of whoever answers the call. */
function placeOf(graph: Graph, o: Observation): string | undefined {
  const workload = servedBy(graph, o)
  return (
    (workload === undefined ? undefined : environmentOf(graph, workload)) ??
    environmentOf(graph, endpointNode(o.match.endpoint))
  )
}

export const environmentCrossing = defineGraphDetector({
  id: 'environment-crossing',
  title: 'From one environment into another',
  summary:
    'Knows which environment workloads, stores and endpoints belong to, by label, namespace, cluster or host. Tells a credential of one environment that is good in another, and workloads that turn to an environment theirs has never talked to.',
  family: 'token',
  severity: 'high',
  owasp: ['API2:2023', 'API8:2023'],
  attack: ['T1078', 'T1550', 'T1210'],
  options: {
    learningDays: { default: 7, reason: 'Environments that talk in their first week may talk.' },
    rolloutMs: { default: 1_800_000, reason: 'What comes within half an hour of a rollout came with it.' },
    commonCredentials: {
      default: 5,
      reason: 'Where more than five credentials are good in both environments, they share who issues them.',
    },
    credentials: { default: 50_000, reason: 'Credentials whose environments are remembered.' },
    pairs: { default: 10_000, reason: 'Pairs of environments and of namespaces that are remembered.' },
    traces: { default: 2_000, reason: 'Traces of such calls whose stores are waited for.' },
  },
  exceptions:
    'principals, credentials by fingerprint, workloads, namespaces, environments: those that belong to both',
  messages: {
    used: '{who} used the credential {credential}, which belongs to {from}, in {to}: {endpoint} answered it.',
    refused: '{who} tried the credential {credential}, which belongs to {from}, in {to}, and was refused.',
    environments: '{who} of {from} reached {what} of {to}; nothing in {from} ever had.',
    namespaces: '{who} reached {what}; nothing in {from} ever turned to {to}.',
  },
  whenNotAnAttack:
    'A key is meant for both (monitoring, a deployment tool), or data is being moved on purpose.',
  examples: {
    fires: [
      `key-7 kind=service host=api.staging.shop.example GET /orders every 1h x 48 -> 200 {"items":[]}
key-7 kind=service host=api.prod.shop.example GET /orders -> 200 {"items":[]}`,
      `staging/worker calls staging/api every 12h x 20
prod/api calls prod/ledger every 12h x 20
staging/worker calls prod/api`,
    ],
    quiet: [
      `key-7 kind=service host=api.staging.shop.example GET /orders every 1h x 48 -> 200 {"items":[]}
key-8 kind=service host=api.prod.shop.example GET /orders every 1h x 48 -> 200 {"items":[]}`,
      `staging/worker calls prod/api
wait 10d
staging/worker calls prod/ledger`,
    ],
  },
  create: context => new EnvironmentCrossingRun(context),
})
