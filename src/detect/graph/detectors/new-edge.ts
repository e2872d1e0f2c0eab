import type { Graph, NewEdge } from '../../../graph/graph.ts'
import { type NodeId, readNodeId } from '../../../graph/node.ts'
import { BoundedMap } from '../../../kit/bounded-map.ts'
import { callId } from '../../../kit/id.ts'
import {
  defineGraphDetector,
  type GraphContext,
  type GraphDetectorRun,
  type GraphFinding,
  type Moment,
} from '../graph-detector.ts'
import { actorId, isSettled, nodeName } from '../node-age.ts'
import { noveltyOf, surpriseOf } from '../novelty.ts'
import { neighbours } from '../sensitive.ts'

/** An edge that is not judged yet: how many pods have it shows only after a while. */
interface Pending {
  readonly edge: NewEdge
  readonly gains: { readonly out: number; readonly in: number }
  readonly events: string[]
  readonly pods: Set<string>
  readonly trace: string | undefined
  readonly newIdentity: boolean
  due: number
}

const attackOf = (edge: NewEdge): readonly string[] => {
  const kind = readNodeId(edge.to)?.kind
  if (kind === 'store') return ['T1213', 'T1530']
  if (kind === 'host') return ['T1071']
  return kind === 'identity' ? ['T1078.004'] : ['T1210']
}

const verbs = { reads: 'read', writes: 'wrote to', assumes: 'took on', 'runs-as': 'acted as' } as const

class NewEdgeRun implements GraphDetectorRun {
  readonly #context: GraphContext
  #pending = new Map<string, Pending>()
  #newIdentities: BoundedMap<NodeId, number>
  #earliest = Number.POSITIVE_INFINITY
  #refused = 0

  constructor(context: GraphContext) {
    this.#context = context
    this.#newIdentities = new BoundedMap(context.option('pending'))
  }

  observe(moment: Moment): readonly GraphFinding[] {
    for (const { workload, target, pod, event } of moment.happenings) {
      if (workload === undefined || target === undefined) continue
      const pending = this.#pending.get(`${workload} ${target}`)
      if (pending === undefined) continue
      if (pod !== undefined && pending.pods.size < 64) pending.pods.add(pod)
      if (pending.events.length < 5 && !pending.events.includes(event)) pending.events.push(event)
    }
    if (moment.began.length === 0) return []
    const found: GraphFinding[] = []
    for (const edge of moment.began) if (this.#isJudged(moment, edge)) this.#wait(moment, edge, found)
    return found
  }

  due(now: number, graph: Graph): readonly GraphFinding[] {
    if (now < this.#earliest) return []
    const found: GraphFinding[] = []
    this.#earliest = Number.POSITIVE_INFINITY
    for (const [key, pending] of this.#pending) {
      if (pending.due > now) {
        this.#earliest = Math.min(this.#earliest, pending.due)
        continue
      }
      this.#pending.delete(key)
      const finding = this.#judge(graph, pending, now, true)
      if (finding !== undefined) found.push(finding)
    }
    return found
  }

  size(): number {
    return this.#pending.size + this.#newIdentities.size
  }

  get refused(): number {
    return this.#refused
  }

  /** Edges of settled workloads and identities; what callers do is for other detectors. */
  #isJudged({ graph, time, learning, began }: Moment, edge: NewEdge): boolean {
    const [from, to] = [readNodeId(edge.from)?.kind, readNodeId(edge.to)?.kind]
    if (learning || (from !== 'workload' && from !== 'identity')) return false
    if (!isSettled(graph, edge.from, time, this.#context.option('learningDays'))) return false
    if (this.#context.excepted(readNodeId(edge.from)?.name, edge.from, readNodeId(edge.to)?.name, edge.to))
      return false
    if (edge.kind === 'runs-as') {
      this.#newIdentities.set(edge.from, time)
      return false
    }
    // What a workload does with an identity is told of the workload; what it calls, of what serves it.
    if (from === 'identity' && to === 'store')
      return !began.some(other => other.to === edge.to && other.from !== edge.from)
    if (to === 'endpoint') return neighbours(graph, edge.to, 'out', 'serves').length === 0
    return to === 'workload' || to === 'store' || to === 'host' || to === 'identity'
  }

  #wait(moment: Moment, edge: NewEdge, found: GraphFinding[]): void {
    const { graph, time, happenings } = moment
    const happening = happenings.find(({ workload, target }) => workload === edge.from || target === edge.to)
    const took = this.#newIdentities.peek(edge.from)
    const rolls = this.#rolls(edge, time)
    const pending: Pending = {
      edge,
      gains: {
        out: surpriseOf(graph, edge.from, 'out', time),
        in: surpriseOf(graph, edge.to, 'in', time),
      },
      events: [happening?.event ?? moment.event.id],
      pods: new Set(happening?.pod === undefined ? [] : [happening.pod]),
      trace: happening?.trace,
      newIdentity: took !== undefined && time - took <= this.#context.option('identityMs'),
      due: time + this.#context.option(rolls ? 'rolloutWaitMs' : 'podWaitMs'),
    }
    // What is grave enough whatever its pods do is told at once.
    const finding = rolls ? undefined : this.#judge(graph, pending, time, false)
    if (finding !== undefined) found.push(finding)
    else if (this.#pending.size < this.#context.option('pending')) {
      this.#pending.set(`${edge.from} ${edge.to}`, pending)
      this.#earliest = Math.min(this.#earliest, pending.due)
    } else this.#refused += 1
  }

  #rolls({ from, to }: NewEdge, time: number): boolean {
    const within = this.#context.option('rolloutMs')
    return (
      this.#context.roster.rolledOut(from, time, within) || this.#context.roster.rolledOut(to, time, within)
    )
  }

  #judge(graph: Graph, pending: Pending, now: number, waited: boolean): GraphFinding | undefined {
    const { edge, gains, newIdentity, events, trace } = pending
    const { roster, option } = this.#context
    const running = roster.running(edge.from, now, option('podsMs'))
    const { score, reasons, dataClasses } = noveltyOf({
      graph,
      gains,
      edge,
      newIdentity,
      ...(waited && running.length > 0 && pending.pods.size > 0
        ? { pods: { running: running.length, withEdge: pending.pods.size } }
        : {}),
      rollout: this.#cameWithRollout(pending, now),
    })
    if (score < option('score')) return undefined
    const [from, to] = [readNodeId(edge.from), readNodeId(edge.to)]
    const strong = score >= option('score') + 2
    return {
      message: 'appeared',
      at: edge.time,
      observed: {
        who: nodeName(edge.from),
        did: edge.kind in verbs ? verbs[edge.kind as keyof typeof verbs] : 'called',
        what: nodeName(edge.to),
        why: reasons
          .filter(({ points }) => points >= 1)
          .map(({ why }) => why)
          .join('; '),
        score: Math.round(score * 10) / 10,
      },
      expected: {
        edges: `${from?.name ?? edge.from} has never reached ${to?.name ?? edge.to}`,
        score: option('score'),
      },
      attempt: false,
      confidence: Math.min(0.95, 0.6 + 0.05 * (score - option('score'))),
      severity: strong ? 'high' : 'medium',
      principal: actorId(edge.from),
      evidence: events.map(callId),
      dataClasses,
      key: `${edge.from}\0${edge.to}\0${edge.time}`,
      subjects: [edge.from],
      ...(to?.kind === 'workload' || to?.kind === 'identity' ? { reached: [edge.to] } : {}),
      ...(trace === undefined ? {} : { traces: [trace] }),
      way: [edge.from, edge.to],
      attack: attackOf(edge),
    }
  }

  /** A rollout of either end was under way, and most pods of the new version have the edge, or pods are not known. */
  #cameWithRollout({ edge, pods }: Pending, now: number): boolean {
    if (!this.#rolls(edge, edge.time)) return false
    const fresh = this.#context.roster.freshPods(edge.from, now, 2 * this.#context.option('rolloutMs'))
    if (fresh.length === 0 || pods.size === 0) return true
    return fresh.filter(pod => pods.has(pod)).length >= fresh.length / 2
  }

  save() {
    return {
      pending: this.#pending,
      newIdentities: this.#newIdentities,
      earliest: this.#earliest,
    }
  }

  load(saved: ReturnType<NewEdgeRun['save']>): void {
    this.#pending = saved.pending
    this.#newIdentities = saved.newIdentities
    this.#earliest = saved.earliest
  }
}

export const newEdge = defineGraphDetector({
  id: 'new-edge',
  title: 'A workload reaches what it never reached',
  summary:
    'Scores every new edge between workloads, identities, stores and outside hosts by how rarely either end gains one, what lies behind it, and whether one pod or a whole rollout does it. Quiet while a workload is new.',
  family: 'movement',
  severity: 'medium',
  owasp: ['API8:2023', 'API9:2023'],
  attack: ['T1210', 'T1078'],
  options: {
    score: {
      default: 8,
      reason: 'A settled workload that turns to a settled store of grave data reaches it.',
    },
    learningDays: { default: 7, reason: 'A week shows what a workload does on working days and weekends.' },
    rolloutMs: { default: 1_800_000, reason: 'A rolling update is through within half an hour.' },
    rolloutWaitMs: {
      default: 600_000,
      reason: 'Ten minutes show whether the other new pods do the same.',
    },
    podWaitMs: { default: 30_000, reason: 'Half a minute shows whether other pods do the same.' },
    podsMs: { default: 300_000, reason: 'Pods heard of in the last five minutes are running.' },
    identityMs: { default: 86_400_000, reason: 'An identity is new for a workload for a day.' },
    pending: { default: 5_000, reason: 'Edges that wait for a judgement; more at once are not judged.' },
  },
  exceptions: 'workloads, identities, stores or hosts, by name or by node id',
  messages: { appeared: '{who} {did} {what} for the first time (score {score}): {why}.' },
  whenNotAnAttack:
    'A feature was switched on without a rollout, somebody works in the pod on purpose, or a yearly job runs.',
  examples: {
    fires: [
      `store postgresql://vault-db/shop/cards holds payment-card
shop/orders calls shop/catalog
shop/payments reads postgresql://vault-db/shop/cards
wait 28d
shop/orders reads postgresql://vault-db/shop/cards rows=40`,
      `shop/orders#orders-7f9c4b6d5-aaaaa calls shop/catalog
shop/orders#orders-7f9c4b6d5-bbbbb calls shop/catalog
shop/orders#orders-7f9c4b6d5-ccccc calls shop/catalog
wait 28d
shop/orders#orders-7f9c4b6d5-aaaaa calls shop/catalog
shop/orders#orders-7f9c4b6d5-bbbbb calls shop/catalog
shop/orders#orders-7f9c4b6d5-ccccc connects drop.example
wait 40s
shop/orders#orders-7f9c4b6d5-aaaaa calls shop/catalog`,
    ],
    quiet: [
      `store postgresql://vault-db/shop/cards holds payment-card
shop/payments reads postgresql://vault-db/shop/cards
wait 28d
shop/orders#orders-7f9c4b6d5-aaaaa@v1 reads postgresql://vault-db/shop/cards`,
      `store postgresql://vault-db/shop/cards holds payment-card
shop/orders#orders-7f9c4b6d5-aaaaa calls shop/catalog
shop/payments reads postgresql://vault-db/shop/cards
wait 28d
shop/orders#orders-6d8f9c7b4-ddddd calls shop/catalog
shop/orders#orders-6d8f9c7b4-ddddd reads postgresql://vault-db/shop/cards
shop/orders#orders-6d8f9c7b4-eeeee reads postgresql://vault-db/shop/cards
wait 11m
shop/orders#orders-6d8f9c7b4-eeeee calls shop/catalog`,
    ],
  },
  create: context => new NewEdgeRun(context),
})
