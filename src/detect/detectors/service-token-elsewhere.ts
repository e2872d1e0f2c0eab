import { prefixOf } from '../../identity/device.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import { fnv1a } from '../../kit/hash.ts'
import type { PrincipalId } from '../../kit/id.ts'
import type { Component } from '../../kit/snapshot.ts'
import { type DetectContext, type DetectorRun, defineDetector, type Finding } from '../detector.ts'
import type { TokenUse } from '../tokens/token-book.ts'
import { tokenFinding } from '../tokens/token-finding.ts'
import { counted } from '../words.ts'

const day = 86_400_000
const kept = 16

/** From where and with what a program calls; hashes, the latest last. */
interface Habits {
  calls: number
  days: number
  day: number
  readonly networks: Set<number>
  readonly software: Set<number>
  readonly workloads: Set<number>
  readonly systems: Set<number>
  /** More than are kept: where it calls from says nothing of it. */
  roaming: boolean
  /** Signatures of clients that were found to be elsewhere. */
  readonly elsewhere: Set<number>
}

/** A program's credential where the program does not run. */
class ServiceTokenElsewhereRun implements DetectorRun, Component {
  readonly #context: DetectContext
  #habits: BoundedMap<PrincipalId, Habits>

  constructor(context: DetectContext) {
    this.#context = context
    this.#habits = new BoundedMap(context.option('programs'))
  }

  use(use: TokenUse): readonly Finding[] {
    const { observation: o, place, client } = use
    const { kind, principal } = o.identity
    if (kind !== 'service' && kind !== 'apikey') return []
    const { source, time } = o.call
    const habits = this.#habits.ensure(principal, () => ({
      calls: 0,
      days: 0,
      day: 0,
      networks: new Set(),
      software: new Set(),
      workloads: new Set(),
      systems: new Set(),
      roaming: false,
      elsewhere: new Set(),
    }))
    const network = fnv1a(prefixOf(source.ip))
    const software = fnv1a(client?.software ?? '')
    const { workload } = source
    const runs =
      workload === undefined
        ? undefined
        : fnv1a(`${workload.namespace ?? ''}/${workload.name ?? workload.serviceAccount ?? ''}`)
    const system = place?.asn ?? (place?.country === undefined ? undefined : fnv1a(place.country))
    const mark = fnv1a(`${network}/${software}/${runs ?? ''}`)
    const differs: string[] = []
    if (runs !== undefined && habits.workloads.size > 0 && !habits.workloads.has(runs))
      differs.push(
        `the workload ${[workload?.namespace, workload?.name].filter(part => part !== undefined).join('/')}`,
      )
    if (system !== undefined && habits.systems.size > 0 && !habits.systems.has(system))
      differs.push(
        place?.asn === undefined ? `the country ${place?.country ?? ''}` : `the network AS${place.asn}`,
      )
    if (!habits.software.has(software)) differs.push(`the client ${client?.family || 'without a name'}`)
    // Where the workload is known its addresses say nothing: pods come and go.
    if (runs === undefined && !habits.roaming && !habits.networks.has(network))
      differs.push(`the address ${source.ip ?? ''}`)
    const settled =
      habits.calls >= this.#context.option('calls') && habits.days >= this.#context.option('days')
    const still = habits.days >= this.#context.option('stillDays')
    const known = habits.elsewhere.has(mark)
    if (known || (settled && isElsewhere(differs, habits, still))) {
      if (o.outcome !== 'success' && o.outcome !== 'refused') return []
      if (habits.elsewhere.size < kept) habits.elsewhere.add(mark)
      return o.learning ? [] : [this.#finding(use, habits, differs)]
    }
    if (o.outcome !== 'success') return []
    habits.calls += 1
    if (Math.floor(time / day) > habits.day) {
      habits.day = Math.floor(time / day)
      habits.days += 1
    }
    remember(habits.software, software)
    if (remember(habits.networks, network)) habits.roaming = true
    if (runs !== undefined) remember(habits.workloads, runs)
    if (system !== undefined) remember(habits.systems, system)
    return []
  }

  size(): number {
    return this.#habits.size
  }

  save(): unknown {
    return this.#habits
  }

  load(saved: unknown): void {
    this.#habits = saved as BoundedMap<PrincipalId, Habits>
  }

  #finding(use: TokenUse, habits: Habits, differs: readonly string[]): Finding {
    const success = use.observation.outcome === 'success'
    const sure = differs.length > 1 || differs[0]?.startsWith('the workload') === true
    return tokenFinding(use, {
      message: 'elsewhere',
      attempt: !success,
      confidence: sure ? 0.9 : 0.85,
      severity: 'high',
      observed: {
        differs: differs.length === 0 ? 'where it was found before' : differs.join(' and '),
        calls: counted(habits.calls, 'call'),
      },
      expected: {
        networks: habits.networks.size,
        clients: habits.software.size,
        workloads: habits.workloads.size,
      },
    })
  }
}

/**
 * A new workload is enough; otherwise two things must be new: a release changes the client, a move the address. Of a program that stood
 * still in one or two networks for a week, another network is enough.
 */
function isElsewhere(differs: readonly string[], habits: Habits, still: boolean): boolean {
  if (differs.some(what => what.startsWith('the workload'))) return true
  if (differs.length >= 2) return true
  if (differs.some(what => what.startsWith('the network'))) return habits.systems.size <= 2
  return still && habits.networks.size <= 2 && differs.some(what => what.startsWith('the address'))
}

/** @returns true when there was no room: the longest unused went */
function remember(set: Set<number>, member: number): boolean {
  set.delete(member)
  set.add(member)
  if (set.size <= kept) return false
  const [oldest] = set
  if (oldest !== undefined) set.delete(oldest)
  return true
}

export const serviceTokenElsewhere = defineDetector({
  id: 'service-token-elsewhere',
  title: 'A program’s credential elsewhere',
  summary:
    'Learns from which workloads, networks and with which software a service or an API key calls. Its credential from another workload, or from a new network with a new client, was taken from it.',
  family: 'token',
  severity: 'high',
  owasp: ['API2:2023', 'API10:2023'],
  attack: ['T1078.004', 'T1528', 'T1550.001'],
  options: {
    programs: { default: 20_000, reason: 'Services and keys whose places are known, about 500 bytes each.' },
    calls: { default: 40, reason: 'Forty calls show where a program runs.' },
    days: { default: 2, reason: 'Two days show its jobs and its fail-over.' },
    stillDays: {
      default: 7,
      reason: 'Seven days with calls from one or two networks: another one is news by itself.',
    },
  },
  messages: {
    elsewhere: '{principal} calls with {differs}, after {calls} without.',
    elsewhereAttempt: '{principal} tried to call with {differs}, after {calls} without, and was refused.',
  },
  whenNotAnAttack:
    'The service moved to another cluster or was rewritten, or somebody tries its key by hand.',
  examples: {
    fires: [
      `billing kind=service ip=10.0.3.7 agent=go GET /orders/{7} every 20m x 120 -> 200 {"id":7}
billing kind=service ip=203.0.113.9 agent=curl GET /orders/{8} -> 200 {"id":8}`,
      `billing kind=service from=shop/billing GET /orders/{7} every 20m x 120 -> 200 {"id":7}
billing kind=service from=test/debug GET /orders/{8} -> 200 {"id":8}`,
    ],
    quiet: [
      `billing kind=service ip=10.0.{n}.7 agent=go GET /orders/{7} every 20m x 120 -> 200 {"id":7}
billing kind=service ip=10.1.3.7 agent=go GET /orders/{8} -> 200 {"id":8}`,
      `billing kind=service ip=10.0.3.7 agent=go GET /orders/{7} every 20m x 120 -> 200 {"id":7}
billing kind=service ip=10.0.3.7 agent=java GET /orders/{8} every 1m x 5 -> 200 {"id":8}`,
    ],
  },
  create: context => new ServiceTokenElsewhereRun(context),
})
