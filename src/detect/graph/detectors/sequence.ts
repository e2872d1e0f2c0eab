import type { Graph } from '../../../graph/graph.ts'
import { type NodeId, readNodeId } from '../../../graph/node.ts'
import { BoundedMap } from '../../../kit/bounded-map.ts'
import { callId } from '../../../kit/id.ts'
import { span } from '../../words.ts'
import {
  defineGraphDetector,
  type GraphContext,
  type GraphDetectorRun,
  type GraphFinding,
  type Moment,
} from '../graph-detector.ts'
import { Habits } from '../habits.ts'
import type { Happening } from '../happening.ts'
import { hostForm } from '../host-form.ts'
import { isHub } from '../hub.ts'
import { actorId, dayMs, isSettled, nodeName } from '../node-age.ts'
import { type PatternStep, patterns, type SequencePattern } from '../patterns.ts'
import { graveBehind, neighbours } from '../sensitive.ts'

/** A happening with what was true of it when it came. */
interface Seen {
  readonly happening: Happening
  readonly first: boolean
  readonly grave: readonly string[]
  readonly unusual: boolean
}

/** A sequence that has begun. */
interface Thread {
  readonly pattern: SequencePattern
  readonly done: Seen[]
  /** Number of the step that is waited for. */
  next: number
  readonly keys: Set<string>
}

const threadsPerKey = 16
const recentPerKey = 16

class SequenceRun implements GraphDetectorRun {
  readonly #context: GraphContext
  #habits: Habits
  /** Threads by workload, identity and trace. */
  #threads: BoundedMap<string, Thread[]>
  #recent: BoundedMap<string, Seen[]>

  constructor(context: GraphContext) {
    this.#context = context
    this.#habits = new Habits(context.option('keys'))
    this.#threads = new BoundedMap(context.option('keys'))
    this.#recent = new BoundedMap(context.option('keys'))
  }

  observe(moment: Moment): readonly GraphFinding[] {
    const found: GraphFinding[] = []
    for (const happening of moment.happenings) {
      if (happening.refused || happening.allowed) continue
      const seen = this.#look(moment, happening)
      if (moment.learning || !this.#matters(seen)) continue
      this.#offer(moment.graph, seen, found)
      for (const key of keysOf(moment.graph, happening)) {
        const recent = this.#recent.ensure(key, () => [])
        recent.push(seen)
        if (recent.length > recentPerKey) recent.shift()
      }
    }
    return found
  }

  size(): number {
    return this.#threads.size + this.#recent.size + this.#habits.size
  }

  #look({ graph, time, event }: Moment, happening: Happening): Seen {
    const { workload, pod, target, kind, detail, began } = happening
    const { option, roster } = this.#context
    const by = workload ?? happening.identity
    const begins = began.some(
      edge => edge.to === target && (edge.from === by || edge.from === happening.identity),
    )
    const settled = by !== undefined && isSettled(graph, by, time, option('learningDays'))
    const rollout =
      workload !== undefined &&
      roster.rolledOut(workload, time, option('rolloutMs')) &&
      (pod === undefined || roster.freshPods(workload, time, option('rolloutMs')).includes(pod))
    const deed =
      workload === undefined || !noted.has(kind)
        ? undefined
        : this.#habits.note(
            workload,
            `${kind} ${happening.deed ?? detail ?? ''}`,
            time,
            !settled || roster.sensorAge(event) < dayMs,
          )
    const started = workload === undefined || pod === undefined ? undefined : roster.podSince(workload, pod)
    const starting = started !== undefined && time - started < option('startMs') && rollout
    return {
      happening,
      first: begins && settled && !rollout,
      grave: target === undefined || kind !== 'read' ? [] : graveBehind(graph, target),
      unusual: deed !== true && !starting,
    }
  }

  /** Could it be a step of anything? */
  #matters(seen: Seen): boolean {
    return patterns.some(({ steps }) => steps.some(step => fits(step, seen)))
  }

  #offer(graph: Graph, seen: Seen, found: GraphFinding[]): void {
    const keys = keysOf(graph, seen.happening)
    const threads = new Set<Thread>()
    for (const key of keys) for (const thread of this.#threads.get(key) ?? []) threads.add(thread)
    for (const thread of threads) {
      if (this.#advance(graph, thread, seen)) this.#follow(graph, thread, found)
    }
    for (const pattern of patterns) {
      const [begin] = pattern.steps
      if (begin === undefined || !fits(begin, seen)) continue
      const thread: Thread = { pattern, done: [seen], next: 1, keys: new Set() }
      this.#tie(graph, thread, seen.happening)
      this.#follow(graph, thread, found)
    }
  }

  /** What came before its turn, since events may come late, is tried again; a sequence that is through is told, and again where it goes on. */
  #follow(graph: Graph, thread: Thread, found: GraphFinding[]): void {
    for (let moved = true; moved && isOpen(thread); ) {
      moved = false
      for (const key of thread.keys) {
        for (const seen of this.#recent.peek(key) ?? [])
          if (isOpen(thread) && this.#advance(graph, thread, seen)) moved = true
      }
    }
    if (!isThrough(thread)) return
    if (!isOpen(thread)) this.#drop(thread)
    found.push(findingOf(thread))
  }

  #advance(graph: Graph, thread: Thread, seen: Seen): boolean {
    const { pattern, done } = thread
    const [begin] = done
    const last = done.at(-1)
    if (begin === undefined || last === undefined || done.includes(seen)) return false
    const { time } = seen.happening
    if (time < last.happening.time - this.#context.option('lateMs')) return false
    if (time - begin.happening.time > pattern.within) return false
    const step = stepFor(thread, seen)
    if (step === undefined) return false
    done.push(seen)
    thread.next = step + 1
    this.#tie(graph, thread, seen.happening)
    return true
  }

  #tie(graph: Graph, thread: Thread, happening: Happening): void {
    const keys = keysOf(graph, happening)
    // Whoever asks the metadata service is given what the workload runs as.
    if (happening.kind === 'metadata' && happening.workload !== undefined)
      keys.push(...neighbours(graph, happening.workload, 'out', 'runs-as').slice(0, 8))
    for (const key of keys) {
      // What everybody runs as ties nobody to anybody.
      if (thread.keys.has(key) || (key.startsWith('identity:') && isHub(graph, key as NodeId))) continue
      thread.keys.add(key)
      const threads = this.#threads.ensure(key, () => [])
      // A new beginning of the same pattern takes the place of one that came no further.
      const same = threads.findIndex(({ pattern, done }) => pattern === thread.pattern && done.length === 1)
      if (same >= 0 && thread.done.length === 1) threads.splice(same, 1)
      threads.push(thread)
      if (threads.length > threadsPerKey) threads.shift()
    }
  }

  #drop(thread: Thread): void {
    for (const key of thread.keys) {
      const left = (this.#threads.peek(key) ?? []).filter(one => one !== thread)
      if (left.length === 0) this.#threads.delete(key)
      else this.#threads.set(key, left)
    }
  }

  save() {
    return {
      habits: this.#habits,
      threads: this.#threads,
      recent: this.#recent,
    }
  }

  load(saved: ReturnType<SequenceRun['save']>): void {
    this.#habits = saved.habits
    this.#threads = saved.threads
    this.#recent = saved.recent
  }
}

const isOpen = ({ pattern, next }: Thread): boolean => next < pattern.steps.length

/** Is every step done that may not be missing? */
const isThrough = ({ pattern, next }: Thread): boolean =>
  pattern.steps.slice(next).every(step => step.optional === true)

/** Which of the steps that may come now it is. */
function stepFor({ pattern, next, done }: Thread, seen: Seen): number | undefined {
  const taken = seen.first || done.some(({ happening }) => gives(happening, seen.happening.identity))
  for (let index = next; index < pattern.steps.length; index += 1) {
    const step = pattern.steps[index]!
    if (fits(step, seen) && (step.taken !== true || taken)) return index
    if (step.optional !== true) return undefined
  }
  return undefined
}

const gives = ({ kind, target }: Happening, identity: NodeId | undefined): boolean =>
  kind === 'assumed' && isSame(target, identity)

/** Who gives out credentials may name a role without its account, and an audit log by its ARN. */
const isSame = (a: NodeId | undefined, b: NodeId | undefined): boolean =>
  a !== undefined && b !== undefined && (a === b || (roleKey(a) !== undefined && roleKey(a) === roleKey(b)))

/** `role:shop-node` of `identity:role:arn:aws:iam::1:role/path/shop-node` and of `identity:role:shop-node`. */
function roleKey(identity: NodeId): string | undefined {
  const name = /^identity:role:(?:arn:[^/]{1,200}:role\/)?(.{1,512})$/.exec(identity)?.[1]
  return name === undefined ? undefined : `role:${name.slice(name.lastIndexOf('/') + 1)}`
}

const noted: ReadonlySet<string> = new Set([
  ...['shell', 'remote-shell', 'package-manager', 'network-tool', 'token-read', 'secret-read', 'metadata'],
])

function fits(step: PatternStep, { happening, first, grave, unusual }: Seen): boolean {
  if (!step.kinds.includes(happening.kind)) return false
  if (step.first === true && !first) return false
  if (step.grave === true && grave.length === 0) return false
  if (step.unusual === true && !unusual) return false
  return step.outside !== true || isOutside(happening.target)
}

/** A host that is no workload's, and no service or address of the network. */
function isOutside(target: NodeId | undefined): boolean {
  const read = target === undefined ? undefined : readNodeId(target)
  return read?.kind === 'host' && hostForm(read.name)?.reach === 'external'
}

/** An identity that a workload merely runs as is shared by others; one that was taken on is not. */
function keysOf(graph: Graph, { workload, identity, trace, kind, target }: Happening): string[] {
  const keys: string[] = workload === undefined ? [] : [workload]
  const acting = workload === undefined || kind === 'read' || kind === 'wrote' ? identity : undefined
  for (const one of [acting, kind === 'assumed' ? target : undefined]) {
    if (one === undefined) continue
    const role = roleKey(one)
    keys.push(one, ...(role === undefined || isHub(graph, one) ? [] : [role]))
  }
  if (trace !== undefined) keys.push(`trace:${trace}`)
  return keys
}

function findingOf({ pattern, done }: Thread): GraphFinding {
  const happenings = done.map(({ happening }) => happening)
  const [begin] = happenings
  const end = happenings.at(-1)
  const subjects = new Set<NodeId>()
  const way = new Set<NodeId>()
  let identity = 'an identity'
  for (const [index, { workload, kind, target: said }] of happenings.entries()) {
    // By the name under which it acts.
    const acts = happenings.slice(index + 1).find(later => kind === 'assumed' && isSame(said, later.identity))
    const target = acts?.identity ?? said
    if (workload !== undefined) {
      subjects.add(workload)
      way.add(workload)
    }
    if (target === undefined) continue
    if (kind === 'assumed') {
      subjects.add(target)
      identity = readNodeId(target)?.name ?? target
    }
    way.add(target)
  }
  const reached = done.findLast(({ first, happening }) => first && happening.target !== undefined)?.happening
    .target
  const who = begin?.workload ?? begin?.identity ?? 'workload:unknown'
  const program = happenings.find(({ kind }) => noted.has(kind))?.detail ?? ''
  return {
    message: pattern.id,
    at: end?.time ?? 0,
    observed: {
      who: nodeName(who),
      program,
      identity,
      target: end?.target === undefined ? '' : nodeName(end.target),
      reached: reached === undefined ? '' : nodeName(reached),
      took: span((end?.time ?? 0) - (begin?.time ?? 0)),
      steps: happenings.map(({ kind }) => kind),
    },
    expected: { steps: 'never one after the other' },
    attempt: false,
    confidence: pattern.confidence,
    severity: pattern.severity,
    principal: actorId(who),
    evidence: happenings.map(({ event }) => callId(event)),
    dataClasses: [...new Set(done.flatMap(({ grave }) => grave))],
    key: `${pattern.id}\0${who}\0${begin?.time ?? 0}`,
    subjects: [...subjects],
    traces: [...new Set(happenings.flatMap(({ trace }) => trace ?? []))],
    way: [...way],
    attack: pattern.attack,
  }
}

export const sequence = defineGraphDetector({
  id: 'sequence',
  title: 'Steps of an intrusion, one after the other',
  summary:
    'Follows what a workload, the identities it takes on and its traces do, and recognises the order in which intrusions go: into a workload, to credentials, with them to data or outside. Each step alone may be innocent.',
  family: 'movement',
  severity: 'high',
  owasp: ['API8:2023', 'API2:2023'],
  attack: ['T1530', 'T1552', 'T1059', 'T1071', 'T1078.004'],
  options: {
    learningDays: {
      default: 1,
      reason: 'Beside a step that is never innocent, a day shows what a workload does at all.',
    },
    rolloutMs: { default: 1_800_000, reason: 'What new pods do within half an hour came with them.' },
    startMs: { default: 120_000, reason: 'A pod that starts reads its token and runs its entry script.' },
    lateMs: { default: 10_000, reason: 'Sensors tell of events up to ten seconds late.' },
    keys: { default: 50_000, reason: 'Workloads, identities and traces that are followed.' },
  },
  messages: Object.fromEntries(patterns.map(({ id, message }) => [id, message])),
  whenNotAnAttack:
    'Somebody with a shell in the pod repairs something by hand, with a role that is meant for it.',
  examples: {
    fires: [
      `store postgresql://vault-db/shop/cards holds payment-card
shop/orders calls shop/catalog
wait 8d
shop/orders runs "/bin/sh -c id"
shop/orders opens /var/run/secrets/kubernetes.io/serviceaccount/token
shop/orders reads postgresql://vault-db/shop/cards rows=900`,
      `shop/orders calls shop/catalog
wait 8d
shop/orders runs /usr/bin/curl
shop/orders connects drop.example`,
      `store s3://backups/people holds us-ssn
shop/importer calls shop/catalog
wait 8d
shop/importer connects 169.254.169.254
shop/importer assumes role:importer
shop/importer reads s3://backups/people as=role:importer`,
      `store s3://backups/people holds us-ssn
shop/importer calls shop/catalog
wait 8d
shop/importer assumes role:admin
shop/importer calls ops/directory
shop/importer reads s3://backups/people as=role:admin`,
    ],
    quiet: [
      `store postgresql://vault-db/shop/cards holds payment-card
shop/orders runs "/bin/sh -c id" every 1d x 8
shop/orders opens /var/run/secrets/kubernetes.io/serviceaccount/token
shop/orders calls shop/catalog`,
      `store s3://backups/people holds us-ssn
shop/importer#importer-7f9c4b6d5-aaaaa calls shop/catalog
wait 8d
shop/importer#importer-6d8f9c7b4-bbbbb opens /var/run/secrets/kubernetes.io/serviceaccount/token
shop/importer#importer-6d8f9c7b4-bbbbb assumes role:importer
shop/importer#importer-6d8f9c7b4-bbbbb calls ops/directory
shop/importer#importer-6d8f9c7b4-bbbbb reads s3://backups/people as=role:importer`,
    ],
  },
  create: context => new SequenceRun(context),
})
