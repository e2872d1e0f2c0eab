import type { Graph } from '../graph/graph.ts'
import { nodeId } from '../graph/node.ts'
import { SallyportError } from '../kit/error.ts'
import { nearest } from '../kit/nearest.ts'
import { atOnce, type Sliced } from '../kit/sliced.ts'
import type { Attempt, SeenAttempt } from './attempt.ts'
import { clusterFacts } from './cluster-facts.ts'
import { type Evidence, EvidenceReader } from './evidence.ts'
import type { ClusterFacts } from './facts.ts'
import { policyKinds } from './kinds/index.ts'
import type { PolicyKind, PolicySettings } from './kinds/policy-kind.ts'
import type { Manifest } from './manifest.ts'
import { manifestYaml } from './manifest-yaml.ts'
import { Parties } from './party.ts'
import type { Coverage, DeniedUse, Recommendation } from './recommendation.ts'
import { subjectsOf } from './subjects.ts'
import { dateOf, dayOf, defaultLearning, type LearningOptions, maxLearningDays } from './window.ts'
import { counted, grouped, howOften } from './words.ts'
import { verdictOf } from './would-allow.ts'

export interface RecommendRequest extends Partial<LearningOptions> {
  /** `workload:shop/orders` or `namespace:shop`. */
  readonly for: string
  /** Id of a kind of policy. */
  readonly kind: string
  /** What a cluster says of workloads; what the graph knows when absent. */
  readonly facts?: ClusterFacts
  /** A workload that lets callers from outside in: `workload:ingress/nginx`, or `ingress/nginx`. */
  readonly gateway?: string
  /** Of the mesh; `cluster.local` when absent. */
  readonly trustDomain?: string
}

/** Workloads told of at once: who asks waits for it. */
const maxSubjects = 100
/** What is judged before the thread may be left to others. */
const attemptsAtOnce = 20
/** Uses listed one by one. */
const maxListed = 200

/**
 * Recommends policies that allow what was seen, for a workload or all of a namespace. Deterministic: the same graph gives the same text.
 * @throws SallyportError `usage/invalid-argument` of a request that cannot be; `resource/not-found` where nothing has that name.
 */
export const recommend = (graph: Graph, request: RecommendRequest): Recommendation =>
  atOnce(recommending(graph, request))

/** The same in slices: all of a large namespace takes seconds. What changes meanwhile may be told or not. */
export function* recommending(graph: Graph, request: RecommendRequest): Sliced<Recommendation> {
  const kind = policyKinds.find(({ id }) => id === request.kind)
  if (kind === undefined) throw noKind(request.kind)
  const options = learningOf(graph, request)
  const facts = request.facts ?? clusterFacts(graph)
  const settings = settingsOf(graph, facts, request)
  const reader = yield* EvidenceReader.read(graph, facts)
  const manifests: Manifest[] = []
  const texts: string[] = []
  const nothing: { workload: string; why: string }[] = []
  const all: SeenAttempt[] = []
  let seenDays = 0
  const said = new Said()
  for (const [index, node] of subjectsOf(graph, request.for).entries()) {
    if (index >= maxSubjects) {
      nothing.push({
        workload: node.slice('workload:'.length),
        why: `only ${maxSubjects} at once: ask for it by itself`,
      })
      continue
    }
    yield
    const evidence = reader.of(node, options)
    yield
    const made = kind.generate(evidence, settings)
    if (made.length === 0) {
      nothing.push({
        workload: evidence.subject.name,
        why: 'nothing was seen that such a policy has a say in',
      })
      continue
    }
    yield
    const own = kind
      .concerns(evidence)
      .map(one => ({ ...one, attempt: throughGateway(one.attempt, settings) }))
    const tally = new Tally(() => made, options)
    for (const [at, one] of own.entries()) {
      tally.add(one)
      if (at % attemptsAtOnce === 0) yield
    }
    const head = headOf(kind, evidence, tally)
    for (const [at, manifest] of made.entries()) {
      texts.push(manifestYaml(manifest, at === 0 ? head : []))
      yield
    }
    said.add(evidence, made)
    manifests.push(...made)
    all.push(...own)
    seenDays = Math.max(seenDays, evidence.seenDays)
  }
  const tally = new Tally(attempt => said.about(attempt), options)
  for (const [at, one] of all.entries()) {
    tally.add(one)
    if (at % attemptsAtOnce === 0) yield
  }
  const left = tally.denied()
  return {
    kind: kind.id,
    subject: request.for,
    from: dateOf(dayOf(options.until) - options.days + 1),
    to: dateOf(dayOf(options.until)),
    manifests,
    yaml: texts.join('---\n'),
    coverage: tally.coverage(seenDays),
    denied: left.filter(({ lastWeek }) => lastWeek > 0).slice(0, maxListed),
    leftOut: left.filter(({ lastWeek }) => lastWeek === 0).slice(0, maxListed),
    nothing,
  }
}

function noKind(given: string): SallyportError {
  const ids = policyKinds.map(({ id }) => id)
  const meant = nearest(given, ids)
  return new SallyportError('usage/invalid-argument', `There is no kind of policy "${given}".`, {
    where: 'kind',
    mend: meant === undefined ? `Give one of ${ids.join(', ')}.` : `Did you mean "${meant}"?`,
  })
}

function learningOf(graph: Graph, request: RecommendRequest): LearningOptions {
  const {
    days = defaultLearning.days,
    minCalls = defaultLearning.minCalls,
    minDays = defaultLearning.minDays,
  } = request
  const within = (value: number, least: number, most: number, name: string): number => {
    if (Number.isInteger(value) && value >= least && value <= most) return value
    throw new SallyportError(
      'usage/invalid-argument',
      `"${name}" must be a whole number from ${least} to ${most}.`,
      {
        where: name,
        mend: `Give a number from ${least} to ${most}.`,
      },
    )
  }
  return {
    days: within(days, 1, maxLearningDays, 'days'),
    minCalls: within(minCalls, 1, 1_000_000, 'minCalls'),
    minDays: within(minDays, 1, maxLearningDays, 'minDays'),
    until: request.until ?? graph.uses.lastSeen,
    include: request.include ?? [],
    exclude: request.exclude ?? [],
  }
}

function settingsOf(
  graph: Graph,
  facts: ClusterFacts,
  { gateway, trustDomain }: RecommendRequest,
): PolicySettings {
  if (gateway === undefined) return { trustDomain: trustDomain ?? 'cluster.local' }
  const name = gateway.startsWith('workload:') ? gateway.slice('workload:'.length) : gateway
  return {
    trustDomain: trustDomain ?? 'cluster.local',
    gateway: new Parties(graph, facts).workload(nodeId('workload', graph.names.lookup(name))),
  }
}

/** Whoever comes from outside comes out of the gateway, where one was named. */
function throughGateway(attempt: Attempt, { gateway }: PolicySettings): Attempt {
  if (gateway === undefined) return attempt
  if (attempt.does !== 'connect' && attempt.does !== 'ask') return attempt
  return attempt.from.kind === 'outside' ? { ...attempt, from: gateway } : attempt
}

/** The policies that may have a say in an attempt. */
type About = (attempt: Attempt) => readonly Manifest[]

/** Policies by whom or what they speak of: of a whole namespace's, few have a say in one attempt. */
class Said {
  readonly #byKey = new Map<string, Set<Manifest>>()

  add({ subject, asked }: Evidence, made: readonly Manifest[]): void {
    const hosts = new Set(asked.map(({ endpoint }) => `host ${endpoint.host}`))
    for (const key of [
      `node ${subject.node}`,
      `account ${subject.namespace ?? ''}/${subject.serviceAccount ?? ''}`,
      ...hosts,
    ]) {
      const known = this.#byKey.get(key) ?? new Set()
      this.#byKey.set(key, known)
      for (const manifest of made) {
        // Policies of ours speak of hosts, whoever answers there.
        if (!key.startsWith('host ') || manifest.document.kind === 'ApiPolicy') known.add(manifest)
      }
    }
  }

  about(attempt: Attempt): readonly Manifest[] {
    const keys =
      attempt.does === 'exercise'
        ? [`account ${attempt.account}`]
        : attempt.does === 'connect'
          ? [`node ${attempt.from.node}`, `node ${attempt.to.node}`]
          : attempt.does === 'ask'
            ? [`node ${attempt.from.node}`, `node ${attempt.to.node}`, `host ${attempt.host}`]
            : [`node ${attempt.by.node}`]
    return [...new Set(keys.flatMap(key => [...(this.#byKey.get(key) ?? [])]))]
  }
}

/** What policies say to what was seen: how much of it they allow, and what they deny. */
class Tally {
  readonly #about: About
  readonly #options: LearningOptions
  readonly #uses = { allowed: 0, seen: 0 }
  readonly #calls = { allowed: 0, seen: 0 }
  readonly #denied: DeniedUse[] = []

  constructor(about: About, options: LearningOptions) {
    this.#about = about
    this.#options = options
  }

  add({ seen, attempt, what }: SeenAttempt): void {
    if (seen.calls === 0 && seen.standing === 'refused') return
    const denies = verdictOf(this.#about(attempt), attempt) === 'denies'
    if (seen.calls > 0) {
      this.#uses.seen += 1
      this.#calls.seen += seen.calls
      if (!denies) {
        this.#uses.allowed += 1
        this.#calls.allowed += seen.calls
      }
    }
    if (!denies || seen.standing === 'refused') return
    const why = seen.standing === 'kept' ? 'unsaid' : seen.standing
    this.#denied.push({
      what,
      lastWeek: seen.lastWeek,
      calls: seen.calls,
      lastDay: dateOf(seen.lastDay),
      why,
      sentence: `${what}: ${howOften(seen, this.#options)}; ${reasons[why]}`,
    })
  }

  /** The heaviest first. */
  denied(): readonly DeniedUse[] {
    return this.#denied.sort(byWeight)
  }

  coverage(seenDays: number): Coverage {
    const { days } = this.#options
    return {
      uses: this.#uses,
      calls: this.#calls,
      share: this.#calls.seen === 0 ? 1 : this.#calls.allowed / this.#calls.seen,
      seenDays,
      days,
      confidence: `seen on ${seenDays} of ${counted(days, 'day')}`,
    }
  }
}

const reasons: Readonly<Record<DeniedUse['why'], string>> = {
  kept: 'kept',
  rare: 'too rare to be allowed',
  old: 'not seen in the window',
  refused: 'it was always refused',
  excluded: 'left out as asked',
  odd: 'a policy that names its method, host or path would mean more',
  unsaid: 'this kind of policy cannot tell it from what is not allowed',
}

const byWeight = (a: DeniedUse, b: DeniedUse): number =>
  b.lastWeek - a.lastWeek || b.calls - a.calls || (a.what < b.what ? -1 : a.what > b.what ? 1 : 0)

/** Comments above the first document of a workload. */
function headOf(kind: PolicyKind, { subject, options, seenDays }: Evidence, tally: Tally): string[] {
  const { calls, uses, share, confidence } = tally.coverage(seenDays)
  const denied = tally.denied()
  const listed = denied.slice(0, 20)
  return [
    `${kind.title} for ${subject.name}, from what was seen from ${dateOf(dayOf(options.until) - options.days + 1)} to ${dateOf(dayOf(options.until))}: ${confidence}.`,
    `It allows ${percent(share)} of the calls (${grouped(calls.allowed)} of ${grouped(calls.seen)}) and ${uses.allowed} of ${counted(uses.seen, 'kind')} of use.`,
    ...(listed.length === 0 ? ['It would have denied nothing that was seen.'] : ['It would have denied:']),
    ...listed.map(({ sentence }) => `- ${sentence}`),
    ...(denied.length > listed.length ? [`- and ${denied.length - listed.length} more`] : []),
  ]
}

/** Never `100 %` where anything is missing. */
function percent(share: number): string {
  if (share === 1) return '100 %'
  return `${(Math.floor(share * 1000) / 10).toFixed(1)} %`
}
